"""From the eligible list to the funnel, in Chromium."""

from odoo.tests import HttpCase, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestEnrollmentTour(CcmCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nurse.tz = cls.company.ccm_tz
        if "odoobot_state" in cls.nurse._fields:
            cls.nurse.odoobot_state = "disabled"
        for name in ("Rosa Alvarez", "Max Moreau", "Nina Novak"):
            patient = cls.make_patient(name=name, ccm_mbi=cls.numbers[name])
            cls.make_condition(patient, cls.diabetes)
            cls.make_condition(patient, cls.hypertension)
            cls.make_visit(patient, cls.env.company._ccm_today())

    numbers = {
        "Rosa Alvarez": "1EG4TE5MK73",
        "Max Moreau": "1EG4TE5MK74",
        "Nina Novak": "1EG4TE5MK75",
    }

    def test_from_the_eligible_list_through_the_funnel(self):
        self.start_tour("/odoo", "ccm_eligible_tour", login="ccm_nurse")
        self.env.invalidate_all()
        enrollments = self.env["ccm.enrollment"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            {e.partner_id.name: (e.state, e.reason_id.code) for e in enrollments},
            {
                "Rosa Alvarez": ("active", False),
                "Max Moreau": ("declined", "cost_sharing"),
                "Nina Novak": ("candidate", False),
            },
        )
        rosa = enrollments.filtered(lambda enrollment: enrollment.state == "active")
        self.assertEqual(rosa.consent_id.obtained_by_id, self.nurse)
