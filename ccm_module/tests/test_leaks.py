"""What is not theirs, tried for real: a table of calls, of who makes them, and what must come of each.

``test_access_matrix`` tries rights and ``test_rpc_reach`` methods; here are the ways around: a path
that ends in what is closed, an order, a group, a name, a link, a default, a file. No answer may hold
a secret. ``NOTHING``: it is answered as if there were nothing; ``REFUSED``: it is said that one may
not. The same call by the ``control``, who may, brings something, or the row would prove nothing.
"""

import base64
import json
import threading
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger
from odoo.tools.json import json_default

from .common import CcmCommon
from .reach import Undo

# A row is a line, or nobody reads the tables.
# fmt: off

NOTHING, REFUSED = "nothing", "refused"
MRN, NOTE, CALL, AMOUNT = "MRN-774411", "Not on Tuesdays", "Ask about the fall", "66.13"
TODAY = "2026-07-15 16:00:00"


class LeakCommon(CcmCommon):
    """June of the nurse's patient is billed. The other nurse of the practice looks after nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(TODAY)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.patient = cls.make_ready_patient(ccm_mrn=MRN, ccm_call_note=NOTE)
        cls.mine = cls.make_patient(name="Bea", ccm_mrn="MRN-2", ccm_birthdate="1949-01-01")
        cls.log(cls.patient, "2026-06-10 15:00:00", 25)
        cls.month = cls.env["ccm.month"]._refresh(fields.Date.to_date("2026-06-01"), cls.patient)
        cls.month.with_user(cls.biller).action_invoice()
        cls.move = cls.month.move_id
        cls.consent = cls.patient.ccm_consent_ids
        cls.plan = cls.patient.ccm_care_plan_ids
        cls.call_type = cls.env.ref("ccm_module.mail_activity_type_call")
        cls.call = cls.patient.activity_schedule(
            "ccm_module.mail_activity_type_call", user_id=cls.nurse.id, summary=CALL
        )
        cls.child = cls.env["res.partner"].create({"name": "Kin", "parent_id": cls.patient.id})
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "123", "partner_id": cls.patient.id}
        )
        cls.other_nurse = cls._make_user("ccm_other_nurse", "user", "staff")
        cls.elsewhere = cls.env["res.company"].create({"name": "Practice Elsewhere"})
        for user in (cls.nurse, cls.doctor, cls.biller, cls.other_nurse, cls.outsider):
            user.group_ids += cls.env.ref("base.group_allow_export")
        cls.tried, cls.wrong = 0, []

    def ask(self, user, model, method, args, context=None):
        """Call as a client does; return ``(answer, error)``. Nothing of it stays."""
        self.env.flush_all()
        self.env.invalidate_all()
        type(self).tried += 1
        env = self.env(user=user.id, su=False, context={})
        answer = error = None
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                args = json.loads(json.dumps(args))  # as it comes over the wire
                answer = call_kw(env[model], method, args, {"context": context or {}})
                answer = json.loads(json.dumps(answer, default=json_default))
                env.flush_all()
                raise Undo
        except Undo:
            error = None
        except (UserError, ValidationError) as refusal:
            error = refusal
        self.env.invalidate_all()
        return answer, error

    def try_all(self, rows, control=None):
        """Try ``(users, model, method, args, expected[, context])``; ``control`` gets an answer."""
        for users, model, method, args, expected, *context in rows:
            context = context[0] if context else None
            for user in users:
                answer, error = self.ask(user, model, method, args, context)
                text = json.dumps(answer)
                told = [s for s in (MRN, NOTE, CALL, AMOUNT) if s in text + str(error)]
                met = bool(error) if expected is REFUSED else not error and not self.holds(answer)
                if told or not met:
                    self.wrong.append(
                        f"{user.login} {model}.{method}{args} {context or ''}: not {expected}:"
                        f" {error!r:.80} {text:.160}"
                    )
            if control:
                answer, error = self.ask(control, model, method, args, context)
                if error or not self.holds(answer):
                    self.wrong.append(
                        f"{control.login} gets nothing of {model}.{method}{args}: {error!r:.90}"
                    )

    def holds(self, answer):
        """Tell whether there is anything in ``answer`` beside ids, names and counts of empty groups."""
        if isinstance(answer, dict):
            if "groups" in answer or "records" in answer:
                return self.holds(answer.get("groups") or answer.get("records"))
            return any(
                self.holds(value)
                for name, value in answer.items()
                if name not in ("id", "__extra_domain", "__count", "length", "__domain")
            )
        if isinstance(answer, list):
            return any(self.holds(item) for item in answer)
        return bool(answer)

    def tell(self):
        self.measured = f"leaks: {self._testMethodName[5:]}: {self.tried} calls tried"
        self.assertFalse(self.wrong, "\n" + "\n".join(self.wrong))

    def setUp(self):
        super().setUp()
        type(self).tried, type(self).wrong = 0, []


@tagged("post_install", "-at_install")
class TestLeaks(LeakCommon):
    def test_amounts_for_those_who_care(self):
        who, month, move = (self.nurse, self.doctor), "ccm.month", "account.move"
        more, ids = (">", 1), self.month.ids
        rows = [
            (who, month, "search_count", [[("amount_total", *more)]], REFUSED),
            (who, month, "search_count", [[("move_id.amount_total", *more)]], REFUSED),
            (who, month, "search_count", [[("move_id", "any", [("amount_total", *more)])]], REFUSED),
            (who, month, "search_count", [[("move_ids.amount_total", *more)]], REFUSED),
            (who, month, "search_count", [[("line_ids.amount", *more)]], REFUSED),
            (who, month, "search_count", [["!", ("next_amount", "=", 0.5)]], REFUSED),
            (who, "res.partner", "search_count", [[("invoice_ids.amount_total", *more)]], REFUSED),
            (who, "res.partner", "search_count", [[("ccm_month_ids.move_id.amount_total", *more)]], REFUSED),
            (who, "ccm.activity", "search_count", [[("partner_id.ccm_month_ids.amount_total", *more)]], REFUSED),
            (who, month, "search", [[], 0, None, "amount_total desc"], REFUSED),
            (who, month, "search_read", [[], ["amount_total"]], REFUSED),
            (who, month, "web_search_read", [[], {"amount_total": {}}], REFUSED),
            (who, month, "web_read", [ids, {"move_id": {"fields": {"amount_total": {}}}}], REFUSED),
            (who, month, "web_read", [ids, {"line_ids": {"fields": {"price": {}}}}], REFUSED),
            (who, month, "formatted_read_group", [[], ["state"], ["amount_total:sum"]], REFUSED),
            (who, month, "formatted_read_group", [[], ["amount_total"], ["__count"]], REFUSED),
            (who, month, "formatted_read_group", [[], ["move_id.amount_total"], ["__count"]], REFUSED),
            (who, month, "web_read_group", [[], ["state"], ["amount_total:max"]], REFUSED),
            (who, month, "export_data", [ids, ["amount_total"]], REFUSED),
            (who, month, "export_data", [ids, ["move_id/amount_total"]], REFUSED),
            (who, "account.move.line", "search_count", [[("ccm_service_date", "!=", False)]], REFUSED),
            (who, "account.invoice.report", "search_count", [[]], REFUSED),
            (who, "res.partner", "read", [self.patient.ids, ["total_invoiced"]], REFUSED),
            (who, "ccm.close.batch", "search_read", [[], ["amount"]], REFUSED),
            (who, "ccm.decision", "search_count", [[("amount", ">", 1)]], REFUSED),
        ]
        self.try_all(rows[:-4], control=self.biller)
        self.try_all(rows[-4:])
        # a link to the bill has its name, which Odoo makes of the amount if it is asked to
        amount = {"context": {"name_as_amount_total": True}, "fields": {"display_name": {}}}
        for user in who:
            answer, error = self.ask(user, month, "web_read", [ids, {"move_id": amount}])
            if error or AMOUNT in json.dumps(answer) or not answer[0]["move_id"]["display_name"]:
                self.wrong.append(f"{user.login} {answer} {error}")
        answer, _error = self.ask(self.biller, month, "web_read", [ids, {"move_id": amount}])
        self.assertIn(AMOUNT, json.dumps(answer))
        # what is typed into a message is not worked out
        model_id = self.env["ir.model"]._get_id(month)
        body = "<t t-out='object.amount_total'/>"
        mass = {"model": month, "res_ids": str(ids), "composition_mode": "mass_mail", "body": body}
        paper = {"res_model": move, "res_id": self.move.id, "name": "bill", "raw": AMOUNT.encode()}
        self.env["ir.attachment"].create(paper)
        for user in who:
            template = {"name": "x", "model_id": model_id, "body_html": body}
            self.try_all(
                [
                    ([user], "mail.template", "create", [[template]], REFUSED),
                    ([user], "ir.attachment", "search_read", [[("res_model", "=", move)], ["raw"]], REFUSED),
                    ([user], "mail.message", "search_read", [[("model", "=", move)], ["body"]], NOTHING),
                    ([user], "ccm.audit.packet", "search_read", [[], ["name"]], REFUSED),
                ]
            )
            composer = self.env["mail.compose.message"].with_user(user).create(mass)
            self.try_all([([user], composer._name, "action_send_mail", [composer.ids], REFUSED)])
        self.tell()

    def test_a_patient_of_others(self):
        """Where the practice restricts patients, who is not on the team learns nothing by a link."""
        self.company.ccm_restrict_patients = True
        login = new_test_user(
            self.env, "ccm_patient", groups="base.group_portal", partner_id=self.patient.id
        )
        who, users, contacts = [self.other_nurse], "res.users", "res.partner"
        is_hers, one = ("ccm_mrn", "=", MRN), [("id", "=", login.id)]
        by_link = [("partner_id.ccm_mrn", "=", MRN)]
        patient, two = (
            [("id", "=", self.patient.id)],
            [("id", "in", (self.patient | self.mine).ids)],
        )
        kin = [("id", "=", self.child.id)]
        private = {"parent_id": {"fields": {"ccm_mrn": {}, "ccm_birthdate": {}}}}
        rows = [
            (who, users, "search_count", [by_link], NOTHING),
            (who, users, "search_count", [[("partner_id", "any", [is_hers])]], NOTHING),
            (who, users, "search_count", [["!", ("partner_id.ccm_mrn", "!=", MRN)]], NOTHING),
            (who, users, "formatted_read_group", [one, ["partner_id.ccm_mrn"]], NOTHING),
            (who, users, "web_read", [login.ids, {"partner_id": {"fields": {"ccm_mrn": {}}}}], NOTHING),
            (who, contacts, "search_count", [[*kin, ("parent_id.ccm_mrn", "=", MRN)]], NOTHING),
            (who, contacts, "search_count", [[*patient, ("child_ids.parent_id", "any", [is_hers])]], NOTHING),
            (who, contacts, "search_count", [[*patient, ("user_ids.partner_id", "any", [is_hers])]], NOTHING),
            (who, contacts, "formatted_read_group", [kin, ["parent_id.ccm_mrn"]], NOTHING),
            (who, contacts, "formatted_read_group", [kin, ["parent_id.ccm_birthdate:month"]], NOTHING),
            (who, "res.partner.bank", "formatted_read_group", [[("id", "=", self.bank.id)], ["partner_id.ccm_mrn"]], NOTHING),
            (who, "res.partner.bank", "search_count", [by_link], NOTHING),
            (who, contacts, "search_count", [[*patient, ("activity_ids.summary", "=", CALL)]], NOTHING),
            (who, contacts, "search_count", [[*patient, ("activity_type_id", "=", self.call_type.id)]], NOTHING),
            (who, contacts, "search_count", [[*patient, ("activity_ids", "!=", False)]], NOTHING),
            (who, contacts, "read", [self.patient.ids, ["activity_type_id"]], NOTHING),
            (who, contacts, "read", [self.patient.ids, ["activity_summary"]], NOTHING),
        ]
        self.try_all(rows, control=self.nurse)
        rows = [
            (who, users, "search_count", [[is_hers]], REFUSED),
            (who, users, "read", [login.ids, ["ccm_mrn", "ccm_call_note"]], REFUSED),
            (who, users, "export_data", [login.ids, ["ccm_mrn"]], REFUSED),
            (who, users, "formatted_read_group", [one, ["ccm_mrn"]], REFUSED),
            (who, users, "search", [one, 0, None, "ccm_mrn"], REFUSED),
            (who, contacts, "export_data", [self.child.ids, ["parent_id/ccm_mrn"]], REFUSED),
            (who, contacts, "web_read", [self.child.ids, private], NOTHING),
            (who, contacts, "onchange", [[], {"parent_id": self.patient.id}, ["parent_id"], private], NOTHING),
            (who, "mail.activity", "write", [self.call.ids, {"user_id": self.other_nurse.id}], REFUSED),
            (who, "mail.activity", "unlink", [self.call.ids], REFUSED),
            (who, "mail.activity", "action_feedback", [self.call.ids], REFUSED),
        ]
        self.try_all(rows)
        # sorted by what is closed, the patient is in no place at all
        for order in ("ccm_birthdate", "ccm_birthdate desc", "name, ccm_mrn"):
            answer, _error = self.ask(self.other_nurse, contacts, "search", [two, 0, None, order])
            self.assertEqual(answer, self.mine.ids)
        self.tell()

    def test_nobody_joins_a_team_unasked(self):
        """Who records care for a patient of others would look after her by that, and see it all."""
        self.company.ccm_restrict_patients = True
        self.other_nurse.company_ids += self.elsewhere
        who, patient = [self.other_nurse], self.patient.id
        them = {"coordinator_id": self.other_nurse.id, "practitioner_id": self.practitioner.id}
        mine = {"partner_id": self.mine.id}
        own = {
            "ccm.enrollment": {**mine, **them},
            "ccm.condition": {**mine, "diagnosis_id": self.sprain.id},
            "ccm.care.plan": {**mine, "goal_ids": [(0, 0, {"name": "Walk"})]},
            "ccm.visit": {
                **mine,
                "practitioner_id": self.practitioner.id,
                "date": "2026-06-12",
                "kind": "em_4",
            },
            "ccm.activity": {
                **mine,
                "start": "2026-06-12 14:00:00",
                "stop": "2026-06-12 14:09:00",
                "reason": "A call",
            },
        }
        for model, vals in own.items():
            hers = {**vals, "partner_id": patient}
            left_out = {name: value for name, value in vals.items() if name != "partner_id"}
            record = self.env[model].with_user(self.other_nurse).create(vals)
            elsewhere = {"allowed_company_ids": self.elsewhere.ids}
            rows = [
                (who, model, "create", [[hers]], REFUSED),
                (who, model, "create", [[left_out]], REFUSED, {"default_partner_id": patient}),
                (who, model, "create", [[hers]], REFUSED, elsewhere),
                (who, model, "write", [record.ids, {"partner_id": patient}], REFUSED),
                (who, model, "copy", [record.ids, {"partner_id": patient}], REFUSED),
                (who, model, "onchange", [[], {"partner_id": patient}, ["partner_id"], {"partner_id": {}}], REFUSED),
            ]
            self.try_all(rows)
            self.env["ir.default"].with_user(self.other_nurse).set(
                model, "partner_id", patient, True
            )
            self.try_all([(who, model, "create", [[left_out]], REFUSED)])
        contact, read = "res.partner", ["ccm_mrn", "ccm_call_note"]
        self.try_all(
            [
                (who, contact, "write", [[patient], {"ccm_team_ids": [(4, self.other_nurse.id)]}], REFUSED),
                (who, contact, "read", [[patient], read], NOTHING, {"allowed_company_ids": self.elsewhere.ids}),
                (who, contact, "read", [[patient], read], NOTHING, {"allowed_company_ids": []}),
                ([self.nurse], contact, "write", [[patient], {"ccm_team_ids": [(5,)]}], REFUSED),
            ]
        )
        self.tell()

    def test_an_employee_without_a_role(self):
        who, contacts, one = [self.outsider], "res.partner", ("id", "=", self.patient.id)
        names = ("activity_type_id", "activity_summary", "activity_ids", "activity_state")
        rows = [
            (who, contacts, "search_count", [[one, ("activity_ids.activity_type_id", "=", self.call_type.id)]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_type_id", "=", self.call_type.id)]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_type_id.ccm_private", "=", True)]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_summary", "ilike", "fall")]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_ids", "!=", False)]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_date_deadline", "!=", False)]], NOTHING),
            (who, contacts, "search_count", [[one, ("activity_state", "in", ["today", "planned", "overdue"])]], NOTHING),
            (who, contacts, "formatted_read_group", [[one], ["activity_state"]], NOTHING),
            *((who, contacts, "read", [self.patient.ids, [name]], NOTHING) for name in names),
        ]
        self.try_all(rows, control=self.nurse)
        self.try_all(
            [
                (who, "mail.activity", "write", [self.call.ids, {"user_id": self.outsider.id}], REFUSED),
                (who, "mail.activity", "unlink", [self.call.ids], REFUSED),
                (who, contacts, "write", [self.patient.ids, {"activity_ids": [(2, self.call.id)]}], REFUSED),
                (who, contacts, "search_count", [[("ccm_mrn", "!=", False)]], REFUSED),
                (who, "res.users", "search_count", [[("partner_id.ccm_mrn", "!=", False)]], REFUSED),
                (who, "res.partner.bank", "formatted_read_group", [[], ["partner_id.ccm_mrn"]], REFUSED),
                (who, contacts, "write", [self.patient.ids, {"company_id": self.elsewhere.id}], REFUSED),
            ]
        )
        self.tell()

    def test_another_practice_by_a_forged_context(self):
        there = {"allowed_company_ids": self.elsewhere.ids}
        who = [self.nurse, self.manager]
        vals = {"partner_id": self.mine.id, "practitioner_id": self.practitioner.id}
        over_there = {**vals, "company_id": self.elsewhere.id}
        rows = [
            (who, "ccm.consent", "create", [[over_there]], REFUSED),
            (who, "ccm.consent", "create", [[vals]], REFUSED, {"default_company_id": self.elsewhere.id}),
            (who, "ccm.consent", "create", [[vals]], REFUSED, there),
            (who, "ccm.consent", "write", [self.consent.ids, {"company_id": self.elsewhere.id}], REFUSED),
            (who, "ccm.care.plan.goal", "write", [self.plan.goal_ids.ids, {"company_id": self.elsewhere.id}], REFUSED),
            (who, "res.partner", "write", [self.patient.ids, {"company_id": self.elsewhere.id}], REFUSED),
            *(
                (who, model, "search_count", [[]], REFUSED, there)
                for model in (
                    "ccm.month",
                    "ccm.activity",
                    "ccm.eligibility",
                    "ccm.enrollment.report",
                    "res.partner",
                )
            ),
            (who, "ccm.activity", "action_start_timer", [self.mine.id], REFUSED, there),
            (who, "ccm.activity", "get_timer_state", [], REFUSED, there),
            ([self.manager], "ccm.setup.step", "search_read", [[]], REFUSED, there),
            ([self.manager], "ccm.close", "action_open_list", [], REFUSED, there),
            ([self.manager], "ccm.month", "search_count", [[]], REFUSED, {"allowed_company_ids": ["x"]}),
        ]
        self.try_all(rows)
        self.tell()

    def test_what_only_the_record_says(self):
        """States, signatures and sums are not written past the steps that make them."""
        # to be the practitioner's contact is to be on the practitioner's teams
        names = [self.nurse.partner_id.id, self.other_practitioner.id]
        (self.nurse.partner_id | self.other_practitioner).email = "n@example.com"
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(self.nurse)
            .create({"dst_partner_id": names[1], "partner_ids": [(6, 0, names)]})
        )
        n, d, partner = [self.nurse], [self.nurse, self.manager], "res.partner"
        hers, month, time = self.patient.ids, self.month.id, self.patient.ccm_activity_ids
        own = {
            "partner_id": self.mine.id,
            "start": "2026-06-12 14:00:00",
            "stop": "2026-06-12 14:09:00",
            "reason": "A call",
        }
        rows = [
            (n, partner, "write", [hers, {"ccm_month_ids": [(1, month, {"state": "open"})]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_month_ids": [(2, month)]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_month_ids": [(5,)]}], REFUSED),
            (n, partner, "write", [self.mine.ids, {"ccm_month_ids": [(4, month)]}], REFUSED),
            (n, partner, "write", [self.mine.ids, {"ccm_consent_ids": [(4, self.consent.id)]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_consent_ids": [(1, self.consent.id, {"given_at": "2020-01-01 00:00:00"})]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_consent_ids": [(2, self.consent.id)]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_care_plan_ids": [(1, self.plan.id, {"state": "superseded"})]}], REFUSED),
            (n, partner, "write", [hers, {"ccm_activity_ids": [(2, time.id)]}], REFUSED),
            ([self.outsider], partner, "write", [self.other_practitioner.ids, {"npi": self.NPI}], REFUSED),
            ([self.outsider], partner, "write", [hers, {"is_ccm_practitioner": True}], REFUSED),
            (n, wizard._name, "action_merge", [wizard.ids], REFUSED),
            ([self.nurse], partner, "write", [self.practitioner.ids, {"npi": self.OTHER_NPI}], REFUSED),
            (n, partner, "write", [hers, {"is_ccm_patient": False}], REFUSED),
            (n, partner, "write", [hers, {"active": False}], REFUSED),
            (n, "ccm.consent", "write", [self.consent.ids, {"valid_until": "2099-12-31"}], REFUSED),
            (n, "ccm.consent", "write", [self.consent.ids, {"state": "draft"}], REFUSED),
            (n, "ccm.consent", "write", [self.consent.ids, {"message_ids": [(5,)]}], REFUSED),
            (n, "ccm.condition", "write", [self.patient.ccm_condition_ids[:1].ids, {"is_qualifying": True}], REFUSED),
            (n, "ccm.activity", "create", [[{**own, "counts": True}]], REFUSED),
            (n, "ccm.activity", "create", [[{**own, "seconds": 99999}]], REFUSED),
            (n, "ccm.activity", "write", [time.ids, {"seconds": 99999}], REFUSED),
            (d, "ccm.care.plan", "write", [self.plan.ids, {"state": "draft"}], REFUSED),
            (d, "ccm.care.plan", "write", [self.plan.ids, {"copy_given_on": "2026-06-12"}], REFUSED),
            (d, "ccm.care.plan", "write", [self.plan.ids, {"goal_ids": [(5,)]}], REFUSED),
            (n, "ccm.care.plan", "copy", [self.plan.ids, {"state": "approved"}], REFUSED),
            (d, "ccm.month", "write", [[month], {"state": "open"}], REFUSED),
            (d, "ccm.month", "unlink", [[month]], REFUSED),
        ]
        self.try_all(rows)
        self.tell()

    def test_a_default_of_ones_own_decides_nothing(self):
        """Every employee may keep defaults of fields: not of what a step or the system says."""
        mine, doctor = {"partner_id": self.mine.id}, self.doctor.id
        offered = {
            "ccm.care.plan": {
                "state": "approved",
                "approved_by_id": doctor,
                "approved_on": "2026-06-01",
            },
            "ccm.consent": {"state": "given", "recorded_at": "2020-01-01 00:00:00"},
            "ccm.condition": {"confirmed_by_id": doctor, "confirmed_on": "2026-06-01"},
            "ccm.emergency.access": {
                "until": "2099-01-01 00:00:00",
                "user_id": doctor,
                "state": "justified",
            },
        }
        given = {
            "ccm.consent": {"practitioner_id": self.practitioner.id},
            "ccm.condition": {"diagnosis_id": self.sprain.id},
        }
        defaults = self.env["ir.default"].with_user(self.other_nurse)
        for model, values in offered.items():
            for name, value in values.items():
                defaults.set(model, name, value, True)
            vals = {**mine, **given.get(model, {})}
            if model == "ccm.emergency.access":
                self.company.ccm_restrict_patients = True
                vals = {"partner_id": self.patient.id, "reason": "She fell, her daughter calls"}
            record = self.env[model].with_user(self.other_nurse).create(vals).sudo()
            for name, value in values.items():
                with self.subTest(model=model, field=name):
                    found = record._fields[name].convert_to_write(record[name], record)
                    self.assertNotEqual(str(found), str(value))
        # and the review of it is the managers'
        review = record.activity_ids.ids
        self.assertTrue(review)
        who = [self.other_nurse]
        self.try_all(
            [
                (who, "mail.activity", "unlink", [review], REFUSED),
                (who, "mail.activity", "action_feedback", [review], REFUSED),
                (who, "mail.activity", "write", [review, {"user_id": self.other_nurse.id}], REFUSED),
            ]
        )
        self.tell()

    def test_the_signed_paper_of_a_consent(self):
        draft = self.make_consent(self.mine, scan="c2lnbmVk")
        files = self.env["ir.attachment"]
        domain = [("res_model", "=", "ccm.consent"), ("res_field", "=", "scan")]
        paper = files.search([*domain, ("res_id", "=", draft.id)])
        paper.with_user(self.nurse).raw = b"the better scan"  # a draft is hers
        draft.action_give()
        who = [self.nurse, self.manager]
        fresh = self.make_patient(name="Cy", ccm_mrn="MRN-3")
        unsigned = self.make_consent(fresh)
        unsigned.action_give()
        put = {"name": "scan", "res_model": "ccm.consent", "res_field": "scan", "raw": "Zm9yZ2Vk"}
        loose = files.with_user(self.nurse).create({"name": "x", "raw": b"forged"})
        rows = [
            *(
                (who, "ir.attachment", "write", [paper.ids, vals], REFUSED)
                for vals in (
                    {"raw": "Zm9yZ2Vk"},
                    {"datas": "Zm9yZ2Vk"},
                    {"type": "url", "url": "https://example.com"},
                    {"res_field": False},
                    {"res_id": unsigned.id},
                    {"mimetype": "text/html"},
                    {"public": True},
                    {"name": "other"},
                )
            ),
            (who, "ir.attachment", "unlink", [paper.ids], REFUSED),
            (who, "ir.attachment", "create", [[{**put, "res_id": draft.id}]], REFUSED),
            (who, "ir.attachment", "create", [[{**put, "res_id": unsigned.id}]], REFUSED),
            (who[:1], "ir.attachment", "write", [loose.ids, {"res_model": "ccm.consent", "res_field": "scan", "res_id": unsigned.id}], REFUSED),
            (who, "ccm.consent", "write", [draft.ids, {"scan": "Zm9yZ2Vk"}], REFUSED),
            (who, "ccm.consent", "write", [draft.ids, {"scan": False}], REFUSED),
        ]
        self.try_all(rows)
        self.assertEqual(paper.raw, b"the better scan")
        # which often comes days after the consent: the model takes it, once
        unsigned.with_user(self.nurse).scan = "c2lnbmVk"
        self.assertEqual(files.search([*domain, ("res_id", "=", unsigned.id)]).raw, b"signed")
        self.try_all([(who, "ccm.consent", "write", [unsigned.ids, {"scan": "Zm9yZ2Vk"}], REFUSED)])
        self.tell()


@tagged("post_install", "-at_install")
class TestLeaksHttp(LeakCommon, HttpCase):
    """Odoo's own addresses serve files, pictures, threads and reports of every model, ours too."""

    def test_addresses_of_odoo_s_own(self):
        thread = threading.current_thread()
        self.startPatcher(patch.object(thread, "dbname", self.env.cr.dbname, create=True))
        self.company.ccm_restrict_patients = True
        portal = {"groups": "base.group_portal"}
        new_test_user(self.env, "ccm_portal", partner_id=self.mine.id, **portal)
        new_test_user(self.env, "ccm_patient", partner_id=self.patient.id, **portal)
        self.consent.scan = base64.b64encode(CALL.encode())
        paper = self.env["ir.attachment"].create(
            {
                "name": "chart.txt",
                "raw": CALL.encode(),
                "res_model": "ccm.consent",
                "res_id": self.consent.id,
            }
        )
        self.consent.message_post(body=CALL, attachment_ids=paper.ids)
        consent, month, plan = self.consent.id, self.month.id, self.plan.id
        scan = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "ccm.consent"),
                ("res_field", "=", "scan"),
                ("res_id", "=", consent),
            ]
        )
        pages = (
            f"/web/content/ccm.consent/{consent}/scan",
            f"/web/image/ccm.consent/{consent}/scan",
            f"/web/content?model=ccm.consent&id={consent}&field=scan&download=1",
            f"/web/content/{paper.id}",
            f"/web/content/{paper.id}/chart.txt?access_token=x",
            f"/web/content/{scan.id}?unique=1",
            f"/web/content/ir.attachment/{paper.id}/raw",
            f"/web/content/ir.attachment/{paper.id}/index_content",
            f"/web/content/res.partner/{self.patient.id}/ccm_mrn",
            f"/report/html/ccm_module.report_ccm_care_plan/{plan}",
            f"/report/text/ccm_module.report_ccm_care_plan/{plan}",
            f"/report/html/ccm_module.report_ccm_audit_packet/{month}",
            f"/report/html/account.report_invoice/{self.move.id}",
            f"/mail/view?model=ccm.consent&res_id={consent}",
            f"/mail/message/{self.consent.message_ids[:1].id}",
        )
        of_thread = {"thread_model": "ccm.consent", "thread_id": consent}
        calls = (
            ("/mail/thread/messages", of_thread),
            ("/mail/thread/messages", {**of_thread, "fetch_params": {"search_term": "fall"}}),
            ("/mail/chatter_fetch", of_thread),
            ("/portal/chatter_init", {**of_thread, "token": "x"}),
            ("/mail/thread/recipients", {**of_thread, "message_id": self.consent.message_ids[:1].id}),
            ("/mail/data", {"fetch_params": [["mail.thread", {**of_thread, "request_list": ["activities", "attachments", "followers"]}]]}),
            ("/mail/message/post", {**of_thread, "post_data": {"body": "forged"}}),
            ("/mail/message/reaction", {"message_id": self.consent.message_ids[:1].id, "content": "x", "action": "add"}),
            ("/mail/message/update_content", {"message_id": self.consent.message_ids[:1].id, "update_data": {"body": "forged"}}),
            ("/mail/attachment/delete", {"attachment_id": paper.id}),
            ("/mail/read_subscription_data", {"follower_id": self.consent.message_follower_ids[:1].id}),
        )
        found = set()
        for login in (
            None,
            "ccm_portal",
            "ccm_patient",
            "ccm_outsider",
            "ccm_other_nurse",
            "ccm_nurse",
        ):
            self.authenticate(login, login)
            for page in pages:
                answer = self.url_open(page, allow_redirects=False)
                self.note(login, page, answer.text, found)
            for address, params in calls:
                if login == "ccm_nurse" and address != "/mail/thread/messages":
                    continue
                try:
                    text = json.dumps(self.make_jsonrpc_request(address, params))
                except JsonRpcException as error:
                    text = str(error)
                self.note(login, address, text, found)
        self.assertGreaterEqual(len(found), 6, "who may gets them, or this test proves nothing")
        self.assertTrue(paper.exists())
        self.assertFalse(self.consent.message_ids.filtered(lambda m: "forged" in m.body))
        self.tell()

    def note(self, login, what, text, found):
        type(self).tried += 1
        if not any(secret in text for secret in (MRN, NOTE, CALL, AMOUNT, "Blood pressure")):
            return
        if login == "ccm_nurse" and AMOUNT not in text:
            found.add(what)
        # one's own bill is one's own
        elif not (login == "ccm_patient" and "report_invoice" in what):
            self.wrong.append(f"{login} {what}: {text:.150}")
