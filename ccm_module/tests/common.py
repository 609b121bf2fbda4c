"""A practice with its people, and patients as ready for CCM as a test wants them."""

from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

NEW_YORK_MORNING = "14:00:00"  # UTC; the same calendar day in every zone of the United States


class CcmCommon(TransactionCase):
    """The practice is the main company, in New York.

    ``nurse``, ``doctor``, ``biller``, ``manager`` and ``auditor`` are its users, one of each role,
    ``outsider`` an employee without any. ``practitioner`` is the doctor's contact, who bills;
    ``other_practitioner`` bills too, but is nobody's user. Where dates matter, the test freezes
    the clock: the helpers record everything on the day that they are given.
    """

    NPI = "1234567893"
    OTHER_NPI = "1222222220"
    PRACTICE_NPI = "1333333338"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.ccm_tz = "America/New_York"
        cls.company.partner_id.npi = cls.PRACTICE_NPI
        cls.nurse = cls._make_user("ccm_nurse", "user", "staff")
        cls.doctor = cls._make_user("ccm_doctor", "practitioner", "practitioner")
        cls.biller = cls._make_user("ccm_biller", "biller")
        cls.manager = cls._make_user("ccm_manager", "manager")
        cls.auditor = cls._make_user("ccm_auditor", "auditor")
        cls.outsider = new_test_user(
            cls.env, "ccm_outsider", groups="base.group_user,base.group_partner_manager"
        )
        cls.practitioner = cls.doctor.partner_id
        cls.practitioner.write({"is_ccm_practitioner": True, "npi": cls.NPI})
        cls.other_practitioner = cls.env["res.partner"].create(
            {"name": "Dr. Roe", "is_ccm_practitioner": True, "npi": cls.OTHER_NPI}
        )
        # Both are on AHRQ's list of chronic codes; the sprain is not.
        cls.diabetes = cls._find_diagnosis("E11.9", "Type 2 diabetes", "chronic")
        cls.hypertension = cls._find_diagnosis("I10", "Hypertension", "chronic")
        cls.sprain = cls._find_diagnosis("S93.401A", "Sprained ankle", "acute")

    @classmethod
    def _make_user(cls, login, role, performer="none"):
        return new_test_user(
            cls.env,
            login,
            groups=f"ccm_module.group_ccm_{role}",
            name=login.replace("ccm_", "").title(),
            ccm_performer=performer,
        )

    @classmethod
    def make_stranger(cls):
        """Return a biller of another practice."""
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        stranger = cls._make_user("ccm_stranger", "biller")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        return stranger

    @classmethod
    def _find_diagnosis(cls, code, name, chronicity):
        """Return the shipped code, or one made up alike where only part of the list is loaded."""
        diagnosis = cls.env["ccm.diagnosis"].search([("code", "=", code)])
        return diagnosis or cls.env["ccm.diagnosis"].create(
            {"code": code, "name": name, "chronicity": chronicity}
        )

    @contextmanager
    def refused(self, exception, message=""):
        """Expect ``exception`` with ``message`` (a regex) in it, and undo what was done so far."""
        with self.assertRaisesRegex(exception, message) as caught, self.env.cr.savepoint():
            yield caught

    @contextmanager
    def refused_by_database(self, constraint):
        """Expect PostgreSQL itself to refuse: the name of the constraint or unique index."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, constraint),
            self.env.cr.savepoint(),
        ):
            yield

    # --- patients -------------------------------------------------------------------------------

    @classmethod
    def make_patient(cls, **vals):
        """Return a person on the programme's list, with nothing recorded but who it is."""
        return cls.env["res.partner"].create(
            {
                "name": "Ada Patient",
                "is_ccm_patient": True,
                "ccm_birthdate": "1950-03-14",
                "ccm_mrn": "MRN-1",
                **vals,
            }
        )

    @classmethod
    def make_ready_patient(cls, day="2026-06-01", **vals):
        """Return a patient for whom only time is missing, everything recorded on ``day``.

        Two chronic conditions that count, a visit at which CCM was discussed, consent to
        ``practitioner``, an approved care plan with its copy given, and an active enrollment.

        :param str day: ISO date; months from that one on can be billed
        :param vals: more values of the contact
        """
        with freeze_time(f"{day} {NEW_YORK_MORNING}"):
            patient = cls.make_patient(**vals)
            cls.make_condition(patient, cls.diabetes)
            cls.make_condition(patient, cls.hypertension)
            cls.make_visit(patient, day)
            cls.make_consent(patient).action_give()
            cls.make_approved_plan(patient, copy_given_on=day, copy_way="paper")
            cls.make_enrollment(patient).action_activate()
        return patient

    @classmethod
    def make_condition(cls, patient, diagnosis, **vals):
        """Return a condition that counts for CCM."""
        return cls.env["ccm.condition"].create(
            {
                "partner_id": patient.id,
                "diagnosis_id": diagnosis.id,
                "onset_date": "2020-01-01",
                "lasts_12_months": True,
                "significant_risk": True,
                **vals,
            }
        )

    @classmethod
    def make_consent(cls, patient, **vals):
        """Return a draft consent with everything said; ``action_give`` puts it on record."""
        return cls.env["ccm.consent"].create(
            {
                "partner_id": patient.id,
                "practitioner_id": cls.practitioner.id,
                "obtained_by_id": cls.nurse.id,
                "told_available": True,
                "told_cost_sharing": True,
                "told_one_practitioner": True,
                "told_may_stop": True,
                **vals,
            }
        )

    @classmethod
    def make_enrollment(cls, patient, **vals):
        """Return a candidate; ``action_activate`` enrolls."""
        return cls.env["ccm.enrollment"].create(
            {
                "partner_id": patient.id,
                "practitioner_id": cls.practitioner.id,
                "coordinator_id": cls.nurse.id,
                **vals,
            }
        )

    @classmethod
    def make_visit(cls, patient, date, **vals):
        """Return an office visit that may start CCM."""
        return cls.env["ccm.visit"].create(
            {
                "partner_id": patient.id,
                "practitioner_id": cls.practitioner.id,
                "date": date,
                "kind": "em_4",
                "ccm_discussed": True,
                **vals,
            }
        )

    @classmethod
    def make_plan(cls, patient, **vals):
        """Return a draft care plan with one goal."""
        goal = {"name": "Blood pressure at home below 130/80", "target": "4 weeks in a row"}
        return cls.env["ccm.care.plan"].create(
            {"partner_id": patient.id, "goal_ids": [(0, 0, goal)], **vals}
        )

    @classmethod
    def make_approved_plan(cls, patient, **vals):
        """Return a care plan that the doctor approved today."""
        plan = cls.make_plan(patient, **vals)
        plan.with_user(cls.doctor).action_approve()
        return plan

    # --- time and the close ---------------------------------------------------------------------

    @classmethod
    def log(cls, patient, start, minutes=20, seconds=0, user=None, **vals):
        """Return time of ``user`` (the nurse) for ``patient``, logged by hand as it ends.

        :param str start: UTC
        """
        begin = fields.Datetime.to_datetime(start)
        stop = begin + timedelta(minutes=minutes, seconds=seconds)
        with freeze_time(stop):
            return (
                cls.env["ccm.activity"]
                .with_user(user or cls.nurse)
                .create(
                    {
                        "partner_id": patient.id,
                        "start": begin,
                        "stop": stop,
                        "reason": "Logged after the call",
                        **vals,
                    }
                )
            )

    @classmethod
    def make_october(cls, minutes):
        """Return patients who each have so many of ``minutes`` to be billed for October 2026."""
        patients = cls.env["res.partner"]
        for number, each in enumerate(minutes):
            patients |= cls.make_ready_patient(
                day="2026-09-01", name=f"Patient {number}", ccm_mrn=f"MRN-{number}"
            )
            cls.log(patients[-1], f"2026-10-0{number + 1} 15:00:00", minutes=each)
        return patients

    def break_bill_of(self, patient):
        """Let the patient's invoice fail: the only receivable account is archived; return it."""
        account = self.env["account.account"].create(
            {
                "name": "Old receivable",
                "code": "X1999",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        patient.property_account_receivable_id = account
        account.active = False
        self.company.ccm_invoice_state = "posted"
        return account

    def run_close(self, moment):
        """Run the nightly close as the scheduler does, at the UTC ``moment``."""
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("ccm_module.ir_cron_close_month").method_direct_trigger()
        self.env.invalidate_all()
