"""The checklist that takes a new practice from the install to its first bill."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestSetupStep(CcmCommon):
    def done(self):
        steps = self.env["ccm.setup.step"].with_user(self.manager).search([])
        steps.invalidate_recordset()
        return {step.code: step.is_done for step in steps}

    def test_steps_turn_done_with_the_practice(self):
        self.company.partner_id.npi = False
        before = self.done()
        self.assertFalse(before["practice"])
        self.assertTrue(before["diagnoses"])
        self.company.partner_id.npi = self.PRACTICE_NPI
        payer = self.env["res.partner"].create({"name": "Payer", "is_company": True})
        patient = self.make_ready_patient(day="2026-09-01", ccm_payer_id=payer.id)
        self.log(patient, "2026-10-05 15:00:00", minutes=20)
        with freeze_time("2026-11-03 15:00:00"):
            self.env["ccm.month"]._refresh("2026-10-01", patient).action_invoice()
            after = self.done()
        self.assertEqual({code for code, done in after.items() if not done}, set())

    def test_every_step_opens_a_screen(self):
        steps = self.env["ccm.setup.step"].search([])
        for step in steps:
            self.assertEqual(step.action_open()["type"], "ir.actions.act_window")
        administrator = self.env.ref("base.user_admin")
        self.assertTrue(all(steps.with_user(administrator).mapped("can_open")))

    def test_a_manager_is_offered_only_what_is_open_to_managers(self):
        steps = self.env["ccm.setup.step"].with_user(self.manager).search([])
        closed = steps.filtered(lambda step: not step.can_open)
        self.assertEqual(closed.mapped("code"), ["practice", "accounting"])
