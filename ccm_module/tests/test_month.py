"""A patient's month: its states, what blocks it, who may do what with it."""

import pathlib
import re

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..billing import concurrency
from ..billing.decision import decide
from ..models import ccm_month_decision, ccm_wording
from .common import CcmCommon

OCTOBER, NOVEMBER_3 = "2026-10-01", "2026-11-03 15:00:00"


@tagged("post_install", "-at_install")
class TestMonth(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(day="2026-09-01")

    def refresh(self, patient=None, month=OCTOBER, moment=NOVEMBER_3):
        with freeze_time(moment):
            return self.env["ccm.month"]._refresh(month, patient or self.patient)

    def missing(self, month):
        return month.blocker_ids.filtered(lambda b: b.severity == "blocker").mapped("code")

    # --- states ---

    def test_open_until_the_month_is_over_where_the_practice_is(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        # 23:59 on 31 October in New York, then midnight.
        self.assertEqual(self.refresh(moment="2026-11-01 03:59:00").state, "open")
        self.assertEqual(self.refresh(moment="2026-11-01 04:00:00").state, "ready")

    def test_short(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=19, seconds=59)
        self.assertEqual(self.refresh().state, "short")

    def test_enrolled_without_time_is_short(self):
        with freeze_time(NOVEMBER_3):
            month = self.env["ccm.month"]._refresh(OCTOBER)
        self.assertEqual(month.filtered(lambda m: m.partner_id == self.patient).state, "short")

    def test_blocked_names_everything_that_is_missing(self):
        patient = self.make_patient(name="Nothing Recorded", ccm_mrn="MRN-9")
        self.log(patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh(patient)
        self.assertEqual(month.state, "blocked")
        self.assertEqual(
            set(self.missing(month)),
            {"no_enrollment", "consent_missing", "conditions", "plan_missing"},
        )
        with self.assertRaisesRegex(UserError, "None of the chosen months is ready"):
            month.action_invoice()

    def test_mending_the_blocker_turns_the_row_ready_at_once(self):
        condition = self.patient.ccm_condition_ids[0]
        with freeze_time("2026-09-02 15:00:00"):
            condition.significant_risk = False
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        self.assertEqual((month.state, self.missing(month)), ("blocked", ["conditions"]))
        with freeze_time(NOVEMBER_3):
            condition.with_user(self.doctor).significant_risk = True
        self.assertEqual(month.state, "ready")
        self.assertFalse(month.reason)

    def test_decided_again_to_the_same_leaves_every_row_alone(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        self.patient.ccm_birthdate = False  # a warning
        month = self.refresh()
        rows = month.line_ids, month.blocker_ids
        self.assertTrue(all(rows))
        month._decide()
        self.assertEqual((month.line_ids, month.blocker_ids), rows)

    def test_other_care_recorded_blocks(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        self.assertEqual(month.state, "ready")
        with freeze_time(NOVEMBER_3):
            other = self.env["ccm.other.service"].create(
                {"partner_id": self.patient.id, "kind": "other_ccm", "date_from": "2026-10-10"}
            )
            self.assertEqual((month.state, self.missing(month)), ("blocked", ["other_other_ccm"]))
            other.kind = "tcm"
            self.assertEqual(month.state, "ready")

    def test_revoked_consent_covers_the_month_and_not_the_next(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        with freeze_time("2026-10-20 15:00:00"):
            self.env["ccm.consent.revoke"].create(
                {
                    "consent_id": self.patient.ccm_consent_ids.id,
                    "revoked_on": "2026-10-20",
                    "revoked_reason": "Prefers not to go on",
                }
            ).action_confirm()
        self.assertEqual(self.refresh().state, "ready")
        self.log(self.patient, "2026-11-05 15:00:00", minutes=20)
        november = self.refresh(month="2026-11-01", moment="2026-12-03 15:00:00")
        self.assertEqual(november.state, "blocked")
        self.assertIn("consent_revoked", november.blocker_ids.mapped("code"))

    def test_cancelled_and_taken_back(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        with freeze_time(NOVEMBER_3):
            self.env["ccm.month.cancel"].with_user(self.biller).create(
                {"month_ids": month.ids, "reason": "Agreed with the patient"}
            ).action_apply()
            self.assertEqual((month.state, month.reason), ("cancelled", "Agreed with the patient"))
            self.assertEqual(
                self.env["ccm.month"]._refresh(OCTOBER, self.patient).state, "cancelled"
            )
            month.with_user(self.biller).action_reopen()
            self.assertEqual(month.state, "ready")

    def test_a_changed_setting_shows_at_once(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        self.assertEqual(month.amount_total, 66.13)
        with freeze_time(NOVEMBER_3):
            self.company.ccm_place_of_service = "22"
            self.assertEqual(month.amount_total, 43.76, "the facility amount")
            self.company.ccm_conversion = "qp"
        self.assertEqual(month.amount_total, 43.97)

    def test_the_month_tells_what_the_next_code_adds(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=15)
        month = self.refresh().with_user(self.biller)
        self.assertEqual((month.next_code, month.next_seconds), ("99490", 300))
        self.assertEqual(month.next_amount, 66.13)
        self.log(self.patient, "2026-10-06 15:00:00", minutes=10)
        self.assertEqual((month.next_code, month.next_amount), ("99439", 50.44))

    def test_only_who_sees_money_sees_what_it_adds(self):
        self.nurse.group_ids += self.env.ref("base.group_allow_export")
        month = self.refresh().with_user(self.nurse)
        for look in (
            lambda: month.read(["next_amount"]),
            lambda: month.search([("next_amount", ">", 0)]),
            lambda: month.search([], order="next_amount"),
            lambda: month.formatted_read_group([], ["state"], ["next_amount:sum"]),
            lambda: month.export_data(["next_amount"]),
        ):
            with self.assertRaises(AccessError):
                look()

    # --- complex ---

    def test_complex_needs_the_practitioner_s_statement(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=95)
        month = self.refresh()
        self.assertEqual(month.base_code, "99490")
        with self.assertRaises(AccessError):
            month.with_user(self.nurse).complex_mdm = True
        with self.assertRaises(AccessError):
            month.with_user(self.biller).complex_mdm = True
        with freeze_time(NOVEMBER_3):
            month.with_user(self.doctor).complex_mdm = True
            self.assertEqual(month.line_ids.mapped("code"), ["99487", "99489"])
            self.assertEqual(month.complex_mdm_by_id, self.doctor)
            self.assertIn("mdm_note_missing", month.blocker_ids.mapped("code"))
            month.with_user(self.doctor).complex_mdm_note = "Three drugs changed"
        self.assertNotIn("mdm_note_missing", month.blocker_ids.mapped("code"))

    def test_complex_decision_of_another_practitioner_blocks(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=150)
        month = self.refresh()
        colleague = self._make_user("ccm_colleague", "practitioner", "practitioner")
        with freeze_time(NOVEMBER_3):
            month.with_user(colleague).complex_mdm = True
            self.assertEqual((month.state, self.missing(month)), ("blocked", ["mdm_by_another"]))
            month.with_user(self.doctor).complex_mdm = True
        self.assertEqual(month.state, "ready")

    # --- what may go wrong ---

    def test_a_month_that_cannot_be_decided_stops_nobody(self):
        self.patch(ccm_month_decision, "decide", lambda *args: {}["broken"])
        with mute_logger("odoo.addons.ccm_module.models.ccm_month_invoice"):
            self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
            month = self.refresh()
        self.assertEqual(month.state, "blocked")
        self.assertIn("KeyError", month.error_message)
        self.patch(ccm_month_decision, "decide", decide)
        self.assertEqual(self.refresh().state, "ready")
        self.assertFalse(month.error_message or month.activity_ids)

    def test_the_time_zone_stands_once_a_month_is_billed(self):
        self.company.ccm_tz = "America/Chicago"
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        with freeze_time(NOVEMBER_3):
            month.action_invoice()
        with self.assertRaisesRegex(UserError, "Practice Time Zone"):
            self.company.ccm_tz = "America/New_York"

    # --- G0506 ---

    def test_g0506_is_billed_once(self):
        patient = self.make_patient(name="Gina New", ccm_mrn="MRN-7")
        with freeze_time("2026-10-02 14:00:00"):
            self.make_condition(patient, self.diabetes)
            self.make_condition(patient, self.hypertension)
            self.make_visit(patient, "2026-10-02", planning_beyond_visit=True)
            self.make_consent(patient).action_give()
            self.make_approved_plan(patient, copy_given_on="2026-10-02", copy_way="paper")
            self.make_enrollment(patient).action_activate()
        self.log(patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh(patient)
        self.assertEqual(
            [(line.code, str(line.service_date)) for line in month.line_ids],
            [("99490", "2026-10-05"), ("G0506", "2026-10-02")],
        )
        with freeze_time(NOVEMBER_3):
            month.action_invoice()
        with freeze_time("2026-11-05 14:00:00"):
            self.make_visit(patient, "2026-11-05", planning_beyond_visit=True)
        self.log(patient, "2026-11-06 15:00:00", minutes=20)
        november = self.refresh(patient, month="2026-11-01", moment="2026-12-03 15:00:00")
        self.assertEqual(november.line_ids.mapped("code"), ["99490"])
        self.assertIn("g0506_once", november.blocker_ids.mapped("code"))

    # --- rights ---

    def test_nobody_writes_a_month_by_hand(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=10)
        month = self.refresh()
        for user in (self.nurse, self.doctor, self.biller, self.manager):
            with self.assertRaises(AccessError):
                month.with_user(user).write({"state": "ready"})
            with self.assertRaises(AccessError):
                self.env["ccm.month"].with_user(user).create(
                    {"partner_id": self.patient.id, "month": "2026-12-01"}
                )
        with self.assertRaises(AccessError):
            month.with_user(self.outsider).read(["state"])

    def test_only_a_biller_bills(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        for user in (self.nurse, self.doctor):
            for method in ("action_invoice", "action_cancel", "action_reopen"):
                with self.assertRaises(AccessError):
                    getattr(month.with_user(user), method)()
        with freeze_time(NOVEMBER_3):
            month.with_user(self.biller).action_invoice()
        self.assertEqual(month.state, "invoiced")

    def test_other_company_s_months_are_not_seen(self):
        self.log(self.patient, "2026-10-05 15:00:00", minutes=20)
        month = self.refresh()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._make_user("ccm_stranger", "manager")
        stranger.write({"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id})
        for model, record in (
            ("ccm.month", month),
            ("ccm.activity", month.partner_id.ccm_activity_ids),
            ("ccm.month.line", month.line_ids),
        ):
            self.assertFalse(self.env[model].with_user(stranger).search([]) & record)
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["company_id"])

    # --- words ---

    def test_every_reason_has_words(self):
        """Whatever ``billing`` can say has a sentence, and none is left over."""
        said = self._reason_codes()
        self.assertEqual(said - set(ccm_wording.WORDS), set())
        self.assertEqual(set(ccm_wording.WORDS) - said, set())

    @staticmethod
    def _reason_codes():
        folder = pathlib.Path(concurrency.__file__).parent
        source = "".join(path.read_text() for path in folder.glob("*.py"))
        found = set(re.findall(r'(?:Reason\(|_leave_out\(|yield)\s*"(\w+)"', source))
        found |= set(re.findall(r'facts\.\w+, "(\w+)"', source))
        minutes = set(re.findall(r'"((?:staff|personal)_minutes)"', source))
        found |= minutes
        # of two choices in one call, the second
        found |= set(re.findall(r'Reason\("\w+" if [^\n]+ else "(\w+)"\)', source))
        # What the invoice says is said of the reasons of its lines: see ccm_decision_words.
        found |= {f"bill_{code}" for code in (*minutes, "g0506")}
        # How the model says whether the payer pays, which it knows and the rule does not.
        model = pathlib.Path(ccm_wording.__file__).with_name("ccm_eligibility.py").read_text()
        found |= set(re.findall(r'"(eligible_\w+)"', model))
        for kind, effects in concurrency.EFFECTS.items():
            found |= {f"other_{kind}"} if concurrency.BLOCK in effects else set()
            found |= {f"maybe_{kind}"} if concurrency.WARN in effects else set()
        return found
