"""What holds for every patient who could be asked to join, searched by hypothesis.

* Whoever is eligible has two diagnoses that count today, was seen within twelve months and has a
  payer in scope, is not in the program here or elsewhere, and nobody else's care stands in the way:
  shown against these conditions written out once more.
* Who is almost eligible lacks exactly one thing, and becomes eligible by mending just that.
* Facts that speak for it never make a standing worse; taking one away never makes it better.
* The order of the facts changes nothing, and every verdict says why.

``CCM_EXAMPLES=5000`` searches further, and elsewhere each time.
"""

import os
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing import eligibility
from odoo.addons.ccm_module.billing.eligibility import (
    ALMOST,
    CLOSED,
    ELIGIBLE,
    OUT,
    Candidate,
    assess,
    whole_months,
)
from odoo.addons.ccm_module.billing.facts import Condition, MonthFacts, OtherService

EXAMPLES = os.environ.get("CCM_EXAMPLES")
search = settings(
    max_examples=int(EXAMPLES or 200), derandomize=not EXAMPLES, database=None, deadline=None
)

DAY = date(2028, 2, 29)  # the year before it has no such day
ZONE = ZoneInfo("America/New_York")
CODES = ("E11.9", "I10", "J44.9")
EXCLUDING = ("other_ccm", "esrd")  # by whomever; the rest depends on who bills, or never excludes
KINDS = (*EXCLUDING, "home_health", "hospice", "apcm", "pcm", "inpatient", "tcm", "rpm")
RANK = {OUT: 0, CLOSED: 1, ALMOST: 1, ELIGIBLE: 2}

near = st.integers(-800, 800).map(lambda days: DAY + timedelta(days=days))
maybe_near = st.none() | near
past = st.none() | st.integers(0, 800).map(lambda days: DAY - timedelta(days=days))
conditions = st.lists(
    st.builds(
        Condition,
        st.sampled_from(CODES),
        st.booleans() | st.just(True),
        st.booleans() | st.just(True),
        start=maybe_near,
        end=st.none() | near,
        code_to=st.none() | st.none() | near,
    ),
    max_size=4,
)
others = st.lists(
    st.builds(OtherService, st.sampled_from(KINDS), near, maybe_near, st.booleans()), max_size=2
)


@st.composite
def candidates(draw, **fixed):
    closed_on = draw(past)
    known = {
        "day": DAY,
        "facts": MonthFacts(
            month=DAY.replace(day=1),
            zone=ZONE,
            conditions=tuple(draw(conditions)),
            others=tuple(draw(others)),
        ),
        "last_seen": draw(past),
        "payer_in_scope": draw(st.sampled_from((True, None, False))),
        "enrolled_elsewhere": draw(st.sampled_from((False, False, True))),
        "closed_on": closed_on,
        "closed_for_good": bool(closed_on) and draw(st.booleans()),
        "ask_again_on": closed_on and closed_on + timedelta(days=180),
    }
    return Candidate(**{**known, **fixed})


def counts(condition):
    return (
        condition.lasts_12_months
        and condition.significant_risk
        and (not condition.start or condition.start <= DAY)
        and (not condition.end or condition.end >= DAY)
        and (not condition.code_to or condition.code_to >= DAY)
    )


def excludes(other):
    in_month = other.first <= DAY and (not other.last or other.last >= DAY.replace(day=1))
    kinds = EXCLUDING
    if other.same_practitioner:
        kinds = (*EXCLUDING, "home_health", "hospice", "apcm", "pcm")
    return in_month and other.kind in kinds


def is_eligible(known):
    """The rule once more, in other words."""
    asked = not known.closed_on or (
        not known.closed_for_good and (DAY - known.closed_on).days >= 180
    )
    return (
        len({c.code for c in known.facts.conditions if counts(c)}) >= 2
        and known.last_seen is not None
        and known.last_seen >= date(2027, 2, 28)
        and known.payer_in_scope is True
        and not known.enrolled_elsewhere
        and not any(map(excludes, known.facts.others))
        and asked
    )


def with_conditions(known, *codes):
    added = tuple(Condition(code, True, True) for code in codes)
    return replace(known, facts=replace(known.facts, conditions=(*known.facts.conditions, *added)))


MEND = {
    eligibility.CONDITIONS: lambda known: with_conditions(known, "M17.11"),
    eligibility.SEEN: lambda known: replace(known, last_seen=DAY),
    eligibility.PAYER: lambda known: replace(known, payer_in_scope=True),
}


@tagged("post_install", "-at_install")
class TestEligibilityProperties(BaseCase):
    @search
    @given(candidates())
    def test_eligible_is_who_meets_all(self, known):
        self.assertEqual(assess(known).standing == ELIGIBLE, is_eligible(known))

    @search
    @given(candidates(payer_in_scope=True, enrolled_elsewhere=False, closed_on=None))
    def test_mostly_eligible_people_as_well(self, known):
        """The same, where more of those drawn are eligible."""
        known = with_conditions(replace(known, closed_for_good=False), "E11.9", "I10")
        self.assertEqual(assess(known).standing == ELIGIBLE, is_eligible(known))

    @search
    @given(st.sampled_from(sorted(MEND)), past, conditions)
    def test_almost_is_one_mend_away(self, lacking, seen, more):
        if lacking == eligibility.SEEN:
            assume(seen is None or seen < date(2027, 2, 28))
        codes = CODES[:1] if lacking == eligibility.CONDITIONS else CODES[:2]
        useless = tuple(replace(condition, significant_risk=False) for condition in more)
        known = Candidate(
            day=DAY,
            facts=MonthFacts(month=DAY.replace(day=1), zone=ZONE, conditions=useless),
            last_seen=seen if lacking == eligibility.SEEN else DAY,
            payer_in_scope=None if lacking == eligibility.PAYER else True,
        )
        known = with_conditions(known, *codes)
        verdict = assess(known)
        self.assertEqual((verdict.standing, verdict.lacks), (ALMOST, lacking))
        self.assertEqual(assess(MEND[lacking](known)).standing, ELIGIBLE)

    @search
    @given(candidates())
    def test_almost_lacks_one_thing(self, known):
        verdict = assess(known)
        self.assertEqual(bool(verdict.lacks), verdict.standing == ALMOST)
        if verdict.standing == ALMOST:
            self.assertEqual(len(verdict.against), 1)

    @search
    @given(candidates())
    def test_better_facts_never_stand_worse(self, known):
        before = RANK[assess(known).standing]
        for mend in MEND.values():
            self.assertGreaterEqual(RANK[assess(mend(known)).standing], before)
        fewer = replace(known.facts, others=known.facts.others[1:])
        self.assertGreaterEqual(RANK[assess(replace(known, facts=fewer)).standing], before)
        fewer = replace(known.facts, conditions=known.facts.conditions[1:])
        self.assertLessEqual(RANK[assess(replace(known, facts=fewer)).standing], before)

    @search
    @given(candidates())
    def test_order_changes_nothing_and_every_verdict_says_why(self, known):
        turned = replace(
            known.facts,
            conditions=known.facts.conditions[::-1],
            others=known.facts.others[::-1],
        )
        verdict, again = assess(known), assess(replace(known, facts=turned))
        self.assertEqual((verdict.standing, verdict.lacks), (again.standing, again.lacks))
        self.assertGreaterEqual(len(verdict.speaks_for) + len(verdict.against), 3)
        if verdict.standing == OUT:
            self.assertTrue(verdict.against or known.closed_for_good)

    @search
    @given(candidates(), st.booleans())
    def test_whoever_is_in_or_asked_is_neither_eligible_nor_out(self, known, enrolled):
        known = replace(known, enrolled=enrolled, in_talks=True)
        self.assertEqual(assess(known).standing, "enrolled" if enrolled else "in_talks")

    @search
    @given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 1500))
    def test_whole_months_are_counted_one_by_one(self, first, days):
        last = first + timedelta(days=days)
        months = whole_months(first, last)
        self.assertGreaterEqual(months, 0)
        full = [
            day
            for day in (first + timedelta(days=n) for n in range(1, days + 1))
            if day.day == first.day
        ]
        # where a month lacks the day, it is full with the first of the next
        self.assertLessEqual(len(full), months)
        self.assertLessEqual(months - len(full), days // 59 + 1)
