"""A decision record says all that a decision was made from: searched for counterexamples.

The months are those of ``test_billing_properties``. Each is decided, written down as JSON text, read
again, and decided from what was read: the facts, the rules and the decision must be equal, whatever
the month. What the record does not hold it does not make up: other rules that ask for a price that
nobody asked for before get none.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from test_billing_properties import (
    CHOICES,
    gated_months,
    interrupted_months,
    prices,
    search,
    with_less,
    worked_months,
)

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing import months
from odoo.addons.ccm_module.billing.codes import ServiceCode
from odoo.addons.ccm_module.billing.decision import decide
from odoo.addons.ccm_module.billing.facts import Plan, Visit
from odoo.addons.ccm_module.billing.options import HIGHEST, STAFF_FIRST
from odoo.addons.ccm_module.billing.record import (
    PricesAsked,
    as_record,
    as_result,
    codes_from,
    decide_again,
    facts_from,
    prices_from,
)
from odoo.addons.ccm_module.tests.billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_DOE,
    NEW_IN_JULY,
    NURSE_60,
    by_doctor,
    by_nurse,
    fee_2026,
)

# Codes whose validity ends or begins in the months drawn, beside those that always are.
DATED = (
    *CATALOGUE,
    ServiceCode("99499", "staff", "base", (), 25, date_to=date(2026, 7, 31)),
    ServiceCode("99498", "staff", "addon", ("99499",), 35, 10, 3, date_from=date(2026, 4, 1)),
)
FULL = replace(
    COMPLETE,
    enrollment=NEW_IN_JULY,
    plans=(Plan(date(2026, 1, 20), date(2026, 1, 21), version=3, id=17),),
    visits=(Visit(DR_DOE, date(2026, 7, 3), "em_4", True, planning_beyond_visit=True),),
    work=(replace(NURSE_60[0], id=4711), by_doctor("2026-07-08 09:00", "30:00")),
)


def written(facts, codes, choice):
    """Return ``(decision, record)``, the record as it comes back from the database."""
    facts = replace(facts, price_of=PricesAsked(facts.price_of))
    decision = decide(facts, codes, choice)
    return decision, json.loads(json.dumps(as_record(facts, codes, choice, decision)))


def without_prices(facts):
    return replace(facts, price_of=None)


@st.composite
def any_months(draw):
    """A month of any kind, with or without an assessment, numbers on its entries and prices."""
    facts = draw(worked_months(grain=1) | interrupted_months() | gated_months())
    if draw(st.booleans()):
        facts = draw(with_less(facts))
    if draw(st.booleans()):
        of = draw(prices)
        facts = replace(facts, price_of=lambda code, _day: of[code])
    known_codes = facts.price_of
    if draw(st.booleans()):
        day = facts.month + timedelta(days=draw(st.integers(0, 27)))
        visit = Visit(DR_DOE, day, "em_4", True, planning_beyond_visit=True)
        facts = replace(facts, visits=(*facts.visits, visit))
    return replace(
        facts,
        work=tuple(replace(work, id=number) for number, work in enumerate(facts.work)),
        price_of=lambda code, day: Decimal(1) if code > "99492" else known_codes(code, day),
    )


@tagged("standard", "at_install", "ccm_billing")
class TestRecord(BaseCase):
    test_module = "ccm_module"

    @search
    @given(any_months(), st.sampled_from(CHOICES))
    def test_what_was_written_down_is_decided_alike(self, facts, choice):
        decision, record = written(facts, DATED, choice)
        self.assertEqual(decide_again(record), decision)
        self.assertEqual(as_result(decide_again(record), choice), record["result"])

    @search
    @given(any_months(), st.sampled_from(CHOICES))
    def test_facts_and_rules_come_back_as_they_were(self, facts, choice):
        _decision, record = written(facts, DATED, choice)
        self.assertEqual(without_prices(facts_from(record)), without_prices(facts))
        self.assertEqual(facts_from(record).zone.key, facts.zone.key)
        valid = tuple(code for code in DATED if code.is_valid_in(facts.month))
        self.assertEqual(codes_from(record), valid)

    @search
    @given(any_months(), st.sampled_from(CHOICES))
    def test_a_record_of_what_was_read_is_the_same_record(self, facts, choice):
        _decision, record = written(facts, DATED, choice)
        again = facts_from(record)
        decision = decide(again, codes_from(record), choice)
        self.assertEqual(as_record(again, codes_from(record), choice, decision), record)

    @search
    @given(any_months(), st.sampled_from(CHOICES), st.sampled_from(CHOICES))
    def test_another_setting_is_decided_as_it_would_have_been(self, facts, choice, other):
        _decision, record = written(facts, CATALOGUE, choice)
        self.assertEqual(
            decide_again(record, choice=other, price_of=facts.price_of),
            decide(facts, CATALOGUE, other),
        )

    @search
    @given(any_months(), st.sampled_from(CHOICES))
    def test_the_result_tells_decisions_apart(self, facts, choice):
        """A second more, another price or another unit: no result hides it."""
        decision, record = written(facts, CATALOGUE, choice)
        for changed in (
            replace(decision, staff_seconds=decision.staff_seconds + 1),
            replace(decision, lines=decision.lines[:-1]) if decision.lines else None,
            replace(decision, diagnoses=(*decision.diagnoses, "Z00.00")),
        ):
            if changed:
                self.assertNotEqual(as_result(changed, choice), record["result"])


@tagged("standard", "at_install", "ccm_billing")
class TestOneRecord(BaseCase):
    """What a record holds, said in full once."""

    test_module = "ccm_module"

    def setUp(self):
        super().setUp()
        self.decision, self.record = written(FULL, CATALOGUE, HIGHEST)

    def test_everything_is_exact_and_readable(self):
        facts = self.record["facts"]
        self.assertEqual((facts["month"], facts["zone"]), ("2026-07-01", "America/New_York"))
        self.assertEqual(facts["work"][0]["id"], 4711)
        self.assertEqual(facts["work"][0]["stop"] - facts["work"][0]["start"], 3600)
        self.assertEqual(facts["plans"][0]["id"], 17)
        self.assertIn(["99490", "2026-07-06", "66.13"], self.record["prices"])
        self.assertEqual(len(self.record["rules"]), len(CATALOGUE))

    def test_the_result_says_the_bill_and_why_not_another(self):
        result = self.record["result"]
        self.assertEqual(
            [(line["code"], line["units"], line["amount"]) for line in result["lines"]],
            [("99490", 1, "66.13"), ("99439", 2, "100.88"), ("G0506", 1, "66.47")],
        )
        self.assertEqual(result["amount"], "233.48")
        self.assertEqual(
            {option["code"]: option["reason"]["code"] for option in result["options"]},
            {"99487": "needs_mdm", "99490": "reached", "99491": "option_less"},
        )
        self.assertEqual(result["combined_seconds"], 90 * 60)

    def test_why_not_under_other_settings_and_without_prices(self):
        def reasons(choice, price_of=fee_2026):
            _decision, record = written(replace(FULL, price_of=price_of), CATALOGUE, choice)
            return {o["code"]: o["reason"]["code"] for o in record["result"]["options"]}

        self.assertEqual(reasons(STAFF_FIRST)["99491"], "option_later")
        alike = {"99490": 100, "99439": 0, "99491": 100}
        self.assertEqual(
            reasons(HIGHEST, lambda code, _day: Decimal(alike.get(code, 1)))["99491"],
            "option_equal",
        )
        unpriced = {"99491", "99437"}
        self.assertEqual(
            reasons(HIGHEST, lambda code, day: None if code in unpriced else fee_2026(code, day))[
                "99491"
            ],
            "option_unpriced",
        )

    def test_no_price_is_made_up(self):
        """Rules that reach another day find no price there, and say so."""
        half_as_much = tuple(replace(c, first_minutes=c.first_minutes // 2) for c in CATALOGUE)
        self.assertTrue(all(day.month == 7 for _code, day in prices_from(self.record)))
        record = written(
            replace(FULL, work=(by_nurse("2026-07-06 09:00", "10:00"),)), CATALOGUE, HIGHEST
        )[1]
        self.assertEqual(record["result"]["amount"], "66.47", "the assessment alone")
        decision = decide_again(record, codes=half_as_much)
        self.assertEqual(decision.state, "blocked")
        self.assertIn("no_fee", {reason.code for reason in decision.blockers})
        decision = decide_again(record, codes=half_as_much, price_of=fee_2026)
        self.assertEqual(decision.state, "ready")

    def test_codes_of_another_time_have_no_part_in_it(self):
        for month, is_valid in ((FULL.month, True), (months.next_month(FULL.month), False)):
            facts = replace(FULL, month=month, price_of=lambda *_asked: Decimal(1))
            record = written(facts, DATED, HIGHEST)[1]
            self.assertEqual("99499" in {code["code"] for code in record["rules"]}, is_valid)
