"""Amounts are for the biller, the manager and the auditor: not for those who care, by any way."""

import json
import runpy
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import file_path

from .common import CcmCommon

# Amounts that are no Monetary field.
ALSO_MONEY = {
    "ccm.month": {"option_amounts", "other_options", "difference", "difference_kept"},
    "ccm.decision": {"prices", "result"},
    "ccm.close": {"totals"},
    "ccm.locality": {"gpci_ids"},
    "res.partner": {"ccm_next_amount"},
}
PRICE_MODELS = ("ccm.fee.schedule", "ccm.fee.rvu", "ccm.locality.gpci")


@tagged("post_install", "-at_install")
class TestMoney(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient()
        cls.log(cls.patient, "2026-06-10 15:00:00", 45)
        cls.month = cls.env["ccm.month"]._refresh(date(2026, 6, 1), cls.patient)
        for user in (cls.nurse, cls.doctor):
            user.group_ids += cls.env.ref("base.group_allow_export")

    def setUp(self):
        super().setUp()
        self.assertGreater(self.month.amount_total, 0)
        self.amount = f"{self.month.amount_total:.2f}"

    def money_fields(self):
        """Yield ``(model, field name)`` of every amount in a model that a practitioner reads."""
        for name in sorted(self.env):
            model = self.env[name].with_user(self.doctor)
            if name != "res.partner" and not name.startswith("ccm."):
                continue
            if model._abstract or not model.has_access("read"):
                continue
            for field in model._fields.values():
                ours = field.name.startswith("ccm_") or name.startswith("ccm.")
                known = field.name in ALSO_MONEY.get(name, ())
                if known or (ours and field.type == "monetary"):
                    yield name, field.name

    def test_who_cares_reads_no_amount_in_any_model(self):
        seen = set()
        for name, field in self.money_fields():
            seen.add(field)
            for user in (self.nurse, self.doctor):
                with self.subTest(model=name, field=field, user=user.login):
                    model = self.env[name].with_user(user)
                    self.assertFalse(model._has_field_access(model._fields[field], "read"))
                    with self.assertRaises(AccessError):
                        model.search([], limit=1).read([field])
        self.assertLessEqual({"amount_total", "next_amount", "price", "prices"}, seen)

    def test_no_search_no_order_no_sum_and_no_export_tells_an_amount(self):
        line = self.month.line_ids[:1]
        ways = {
            "search": lambda m: m.search([("amount_total", ">", 0)]),
            "line": lambda m: m.search([("line_ids.amount", ">", 0)]),
            "any": lambda m: m.search([("line_ids", "any", [("price", ">", 0)])]),
            "order": lambda m: m.search([], order="amount_total"),
            "sum": lambda m: m.formatted_read_group([], ["state"], ["amount_total:sum"]),
            "group": lambda m: m.formatted_read_group([], ["amount_total"], ["__count"]),
            "having": lambda m: m._read_group(
                [], ["state"], ["__count"], having=[("amount_total:sum", ">", 0)]
            ),
            "export": lambda m: m.export_data(["amount_total", "line_ids/amount"]),
            "read": lambda m: m.web_read({"line_ids": {"fields": {"amount": {}}}}),
            "filter": lambda m: m.filtered_domain([("amount_total", ">", 0)]),
            "patient": lambda m: m.env["res.partner"].search(
                [("ccm_month_ids.amount_total", ">", 0)]
            ),
            "time": lambda m: m.env["ccm.activity"].search(
                [("partner_id.ccm_month_ids.next_amount", ">", 0)]
            ),
            "lines": lambda _m: line.with_user(self.nurse).read(["price"]),
        }
        for user in (self.nurse, self.doctor):
            for way, look in ways.items():
                with self.subTest(way=way, user=user.login), self.assertRaises(AccessError):
                    look(self.month.with_user(user))

    def test_what_a_nurse_may_read_of_a_month_holds_no_amount(self):
        for user in (self.nurse, self.doctor):
            for record in (self.month, self.month.line_ids, self.patient):
                told = record.with_user(user)
                names = told.fields_get()
                if told._name == "res.partner":  # of Odoo's own, some are not even a nurse's
                    names = [name for name in names if name.startswith("ccm_")]
                values = told.read(list(names))
                with self.subTest(user=user.login, model=record._name):
                    self.assertNotIn(self.amount, json.dumps(values, default=str))
        # and yet she sees where the month stands
        month = self.month.with_user(self.nurse)
        self.assertTrue(month.details["options"])
        self.assertEqual(month.codes, self.month.codes)
        self.assertIn("99490", month.explanation)

    def test_prices_are_closed_to_who_cares(self):
        for name in PRICE_MODELS:
            for user in (self.nurse, self.doctor):
                with self.subTest(model=name, user=user.login), self.assertRaises(AccessError):
                    self.env[name].with_user(user).search([])

    def test_a_month_is_decided_alike_whoever_changes_the_record(self):
        self.log(self.patient, "2026-06-11 15:00:00", 30)
        self.assertEqual(self.month.total_minutes, 75)
        self.assertGreater(self.month.amount_total, float(self.amount))
        self.assertTrue(self.month.with_user(self.biller).other_options)

    def test_the_practitioner_sees_the_decision_without_its_amounts(self):
        self.month.with_user(self.biller).action_invoice()
        decision = self.month.decision_ids[:1]
        told = decision.with_user(self.doctor)
        self.assertIn("99490", told.story)
        self.assertNotIn(
            self.amount, told.story + told.words + json.dumps(told.read(), default=str)
        )
        self.assertIn(self.amount, decision.with_user(self.auditor).story)
        self.assertEqual(told.action_check()["params"]["type"], "success")
        messages = self.month.message_ids.mapped("body")
        self.assertNotIn(self.amount, " ".join(messages))

    def test_an_update_takes_the_amounts_out_of_older_details(self):
        wanted = self.month.read(["details", "option_amounts"])[0]
        self.assertTrue(any(wanted["option_amounts"]))
        old = {
            **wanted["details"],
            "options": [
                {**option, "amount": amount}
                for option, amount in zip(
                    wanted["details"]["options"], wanted["option_amounts"], strict=True
                )
            ],
        }
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ccm_month SET details = %s, option_amounts = NULL WHERE id = %s",
            [json.dumps(old), self.month.id],
        )
        script = file_path("ccm_module/migrations/19.0.2.0.0/post-option_amounts.py")
        runpy.run_path(script)["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self.month.read(["details", "option_amounts"])[0], wanted)
