"""What holds for every month there could be, searched for counterexamples by hypothesis.

Stories are drawn at random: people, entries that overlap and cross midnights, months with and
without a change of clocks in zones from Honolulu to Chatham, stays, consents, visits. Claimed is:

* **Time.** No second counts twice or twice over a month's end, none outside the month, and none
  before consent or visit, outside the enrollment, in hospital, or (where the practice says so) of
  staff on a visit's day: shown against a model that asks these questions minute by minute.
  Minutes are whole minutes of those seconds, never one more.
* **Bills.** One family; an add-on only beside its base; no unit without its whole threshold or
  beyond its limit; shown against a model that counts the thresholds off one by one. ``highest`` is
  the dearest of all legal bills, whatever the prices.
* **More work never earns less** under ``highest``, for prices that stand for the month, of the CCM
  codes (G0506 is not looked at: it gives way when 99487 falls on its day). It holds for
  ``staff_first`` at the amounts of 2026 as well. Recording a complex decision never earns less under
  ``highest``. Known exceptions, each shown below: under ``practitioner_first`` the practitioner's
  thirtieth minute replaces the staff codes by 99491, which may be less (at the amounts of 2026, no
  other minute loses anything); and under ``staff_first`` and ``practitioner_first`` a complex decision
  replaces a full staff family by 99487, which is less.
* **Missing facts never help**: taking away consents, conditions, plans, the enrollment, the NPI or
  prices, or leaving timers running, never makes a blocked month ready. Not claimed of retired codes
  and of facts that bound a condition to a part of the month, nor of taking minutes away where prices
  are missing: there, less is billed, and so less is asked for.
* **Order and repetition change nothing**, and shared time adds up to the second.
* **The date of service** lies in the month, on the day on which the last billed unit was reached.

The search is the same in every run. ``CCM_EXAMPLES=5000`` searches further, and elsewhere each time.
"""

import os
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing import intervals, months
from odoo.addons.ccm_module.billing.codes import ServiceCode
from odoo.addons.ccm_module.billing.decision import decide
from odoo.addons.ccm_module.billing.facts import (
    NOBODY,
    PRACTITIONER,
    STAFF,
    Condition,
    Consent,
    Enrollment,
    OtherService,
    Plan,
    Visit,
    Work,
)
from odoo.addons.ccm_module.billing.options import HIGHEST, PRACTITIONER_FIRST, STAFF_FIRST
from odoo.addons.ccm_module.tests.billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_DOE,
    DR_ROE,
    FEES_2026,
    NURSE_60,
    at,
    bill,
    by_doctor,
    by_nurse,
    judge,
)

EXAMPLES = os.environ.get("CCM_EXAMPLES")
search = settings(
    max_examples=int(EXAMPLES or 200), derandomize=not EXAMPLES, database=None, deadline=None
)

CHOICES = (HIGHEST, PRACTITIONER_FIRST, STAFF_FIRST)
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",  # no summer time
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/St_Johns",  # half an hour
    "Asia/Kolkata",
    "Pacific/Chatham",  # three quarters of an hour
    "America/Santiago",  # changes its clocks at midnight
    "America/Havana",  # repeats the first hour of November 2026
)
# March, April, September and November hold the changes of clocks of these zones in 2026.
MONTHS = tuple(
    date.fromisoformat(f"{month}-01")
    for month in ("2026-03", "2026-04", "2026-07", "2026-09", "2026-11", "2026-12", "2028-02")
)

# CPT's table, told a second time and in another way: base, minutes, add-on, minutes each, limit.
FAMILIES = (
    ("99490", 20, "99439", 20, 2),
    ("99491", 30, "99437", 30, 2),
    ("99487", 60, "99489", 30, 10),
)
UNIT_LIMITS = {"99490": 1, "99439": 2, "99491": 1, "99437": 2, "99487": 1, "99489": 10, "G0506": 1}


# --- stories ------------------------------------------------------------------------------------


@cache
def anchors(month, zone):
    """Return moments of the month about which work is drawn: those where things go wrong.

    They are the month's ends, here and in Greenwich, changes of clocks, and some days besides.
    """
    start, stop = months.bounds(month, zone)
    changes = [
        hour
        for hour in range(start, stop, 3600)
        if datetime.fromtimestamp(hour, zone).utcoffset()
        != datetime.fromtimestamp(hour - 3600, zone).utcoffset()
    ]
    some_days = [months.midnight(month.replace(day=day), zone) for day in (9, 10, 20)]
    return [start, stop, *months.bounds(month, ZoneInfo("UTC")), *changes, *some_days]


@cache  # hypothesis looks at each new strategy anew, which takes longer than drawing from it
def moments(month, zone, grain=60):
    """Draw a UTC second in or near the month, a multiple of ``grain``."""
    return st.builds(
        lambda anchor, offset: (anchor + offset) // grain * grain,
        st.sampled_from(anchors(month, zone)),
        st.integers(-5400, 5400),
    )


@cache
def days(month):
    """Draw a day in or near the month, one near which work is drawn."""
    last = months.last_day(month)
    near = [month, month.replace(day=9), month.replace(day=10), month.replace(day=20), last]
    return st.builds(
        lambda day, offset: day + timedelta(days=offset),
        st.sampled_from(near),
        st.integers(-1, 1),
    )


# performer, the billing practitioner's own, counts
ROLES = (
    (STAFF, False, True),
    (STAFF, False, True),
    (PRACTITIONER, True, True),
    (PRACTITIONER, True, True),
    (PRACTITIONER, False, True),
    (STAFF, True, True),  # the billing practitioner logged as staff
    (STAFF, False, False),
    (PRACTITIONER, True, False),
    (NOBODY, False, True),
)


@cache
def entries(month, zone, grain=60, longest=5400):
    """Draw one time entry."""
    return st.builds(
        lambda start, units, role: Work(start, start + units * grain, *role),
        moments(month, zone, grain),
        st.integers(0, longest // grain),
        st.sampled_from(ROLES),
    )


@st.composite
def worked_months(draw, grain=60, longest=5400):
    """A month in which all is complete and time was entered, nothing of it excluded."""
    month = draw(st.sampled_from(MONTHS))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    work = draw(st.lists(entries(month, zone, grain, longest), min_size=2, max_size=6))
    return replace(
        COMPLETE,
        month=month,
        zone=zone,
        work=tuple(work),
        complex_mdm=draw(st.booleans()),
        complex_mdm_note=True,
    )


LENGTHS = st.none() | st.integers(0, 9)
HOURS = st.none() | st.integers(0, 23)
STAY_KINDS = st.sampled_from(("inpatient", "snf"))


@cache
@st.composite
def stays(draw, month, zone):
    """Draw a stay that ends or goes on, with or without its exact moments."""
    first, length = draw(days(month)), draw(LENGTHS)
    last = None if length is None else first + timedelta(days=length)
    exact = on_day(first, draw(HOURS), zone), on_day(last, draw(HOURS), zone)
    return OtherService(draw(STAY_KINDS), first, last, stay=exact if any(exact) else None)


def on_day(day, hour, zone):
    if day is None or hour is None:
        return None
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp())


@cache
def visits(month):
    return st.builds(
        lambda day, kind: Visit(DR_DOE, day, kind, ccm_discussed=True),
        days(month).map(lambda day: max(day, month)),  # an earlier one would have been "seen"
        st.sampled_from(("em_3", "awv", "other")),
    )


@cache
def consents(month, zone):
    """Draw a consent given in or near the month, or long before it."""
    long_ago = st.just(at("2026-01-15 10:00"))
    given_at = moments(month, zone) | moments(month, zone) | long_ago
    return given_at.map(lambda moment: Consent(DR_DOE, moment, told_all=True))


def several(strategy, at_least=0):
    return st.lists(strategy, min_size=at_least, max_size=2).map(tuple)


@st.composite
def interrupted_months(draw):
    """A worked month from which consent, visits, the enrollment's days and stays take time out."""
    facts = draw(worked_months())
    month, zone = facts.month, facts.zone
    is_new = draw(st.booleans())
    return replace(
        facts,
        enrollment=Enrollment(
            DR_DOE,
            start=draw(st.just(month) | days(month)),
            end=draw(st.none() | days(month)),
            last_seen=None if is_new else month - timedelta(days=30),
        ),
        consents=draw(several(consents(month, zone), at_least=1)),
        visits=draw(several(visits(month), at_least=1)),
        others=draw(several(stays(month, zone))),
        visit_day_rule=draw(st.sampled_from(("exclude", "exclude", "warn", "count"))),
    )


# --- models: slow, plain and told another way -----------------------------------------------------


def minutes_of(work):
    return range(work.start, work.stop, 60)


def is_staff(work):
    return work.counts and (
        work.performer == STAFF or (work.performer == PRACTITIONER and not work.personal)
    )


def is_personal(work):
    return work.counts and work.performer == PRACTITIONER and work.personal


def counts(facts, moment):
    """Ask of one minute whether work in it may count for the patient at all."""
    day = datetime.fromtimestamp(moment, facts.zone).date()
    if (day.year, day.month) != (facts.month.year, facts.month.month):
        return False
    next_month = (facts.month + timedelta(days=32)).replace(day=1)
    given = [
        consent.given_at
        for consent in facts.consents
        if datetime.fromtimestamp(consent.given_at, facts.zone).date() < next_month
    ]
    if given and moment < min(given):
        return False
    if day < facts.enrollment.start or (facts.enrollment.end and day > facts.enrollment.end):
        return False
    was_seen = facts.enrollment.last_seen or any(
        visit.day < facts.enrollment.start for visit in facts.visits
    )
    starts = [v.day for v in facts.visits if v.kind != "other" and v.day < next_month]
    if not was_seen and starts and day < min(starts):
        return False
    return not any(is_inside(stay, moment, day) for stay in facts.others)


def is_inside(other, moment, day):
    admitted, discharged = other.stay or (None, None)
    has_begun = day >= other.first if admitted is None else moment >= admitted
    if discharged is not None:
        return has_begun and moment < discharged
    return has_begun and (other.last is None or day <= other.last)


def counted_minutes(facts):
    """Return ``(staff, personal)``: the sets of minutes that count."""
    visit_days = {visit.day for visit in facts.visits} if facts.visit_day_rule == "exclude" else ()
    staff, personal = set(), set()
    for work in facts.work:
        for moment in minutes_of(work):
            if not counts(facts, moment):
                continue
            if is_personal(work):
                personal.add(moment)
            day = datetime.fromtimestamp(moment, facts.zone).date()
            if is_staff(work) and day not in visit_days:
                staff.add(moment)
    return staff, personal


def bill_of(base, first, addon, step, limit, minutes):
    """Count the thresholds off one by one."""
    if minutes < first:
        return {}
    units, spent = 0, first
    while units < limit and spent + step <= minutes:
        units, spent = units + 1, spent + step
    return {base: 1, addon: units} if units else {base: 1}


def legal_bills(facts, staff_and_practitioner, practitioner):
    """Return every bill that the minutes allow, by its base code."""
    found = {}
    for family in FAMILIES:
        base = family[0]
        if base == "99487" and not facts.complex_mdm:
            continue
        minutes = practitioner if base == "99491" else staff_and_practitioner
        if billed := bill_of(*family, minutes):
            found[base] = billed
    return found


def worth(billed, prices):
    return sum((units * prices[code] for code, units in billed.items()), Decimal(0))


prices = st.fixed_dictionaries(
    {code: st.integers(0, 30000).map(lambda cents: Decimal(cents) / 100) for code in FEES_2026}
)


def priced(facts, prices):
    return replace(facts, price_of=lambda code, _day: prices[code])


# --- claims -------------------------------------------------------------------------------------


@tagged("standard", "at_install", "ccm_billing")
class TestIntervals(BaseCase):
    """The functions of ``intervals`` against sets of seconds."""

    test_module = "ccm_module"

    spans = st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda s: (s[0], s[0] + s[1])),
        max_size=6,
    )

    @staticmethod
    def seconds(spans):
        return {second for start, stop in spans for second in range(start, stop)}

    def assert_track(self, track, seconds):
        self.assertEqual(self.seconds(track), seconds)
        self.assertEqual(sum(stop - start for start, stop in track), len(seconds))
        for before, after in pairwise(track):
            self.assertLess(before[1], after[0], "sorted, and neither touching nor overlapping")

    @search
    @given(spans)
    def test_union_holds_each_second_once(self, spans):
        self.assert_track(intervals.union(spans), self.seconds(spans))
        self.assertEqual(intervals.seconds(spans), len(self.seconds(spans)))

    @search
    @given(spans, st.integers(0, 50), st.integers(0, 50))
    def test_clip_keeps_what_is_inside(self, spans, start, stop):
        inside = self.seconds(spans) & set(range(start, stop))
        self.assert_track(intervals.clip(spans, start, stop), inside)

    @search
    @given(spans, spans)
    def test_subtract_drops_what_is_in_a_hole(self, spans, holes):
        left = self.seconds(spans) - self.seconds(holes)
        self.assert_track(intervals.subtract(spans, holes), left)

    @search
    @given(spans, st.integers(1, 60))
    def test_the_moment_reached_is_just_after_the_last_second_needed(self, spans, needed):
        worked = sorted(self.seconds(spans))
        expected = worked[needed - 1] + 1 if needed <= len(worked) else None
        self.assertEqual(intervals.moment_reached(spans, needed), expected)

    @search
    @given(st.integers(0, 10**9), st.integers(0, 20000), st.integers(1, 40))
    def test_shared_time_adds_up_and_is_shared_fairly(self, start, length, patients):
        parts = intervals.share(start, start + length, patients)
        lengths = [stop - begin for begin, stop in parts]
        self.assertEqual(len(parts), patients)
        self.assertEqual(sum(lengths), length)
        self.assertLessEqual(max(lengths) - min(lengths), 1)
        self.assertEqual(intervals.seconds(parts), length, "no second is two patients'")
        self.assertEqual(intervals.union([(start, start + length)]), intervals.union(parts))


@tagged("standard", "at_install", "ccm_billing")
class TestCalendar(BaseCase):
    test_module = "ccm_module"

    every_day = st.dates(date(2015, 1, 1), date(2035, 12, 31))
    zones = st.sampled_from(ZONES).map(ZoneInfo)

    @search
    @given(every_day, zones)
    def test_a_day_begins_where_its_date_begins(self, day, zone):
        start = months.midnight(day, zone)
        self.assertEqual(datetime.fromtimestamp(start, zone).date(), day)
        self.assertEqual(datetime.fromtimestamp(start - 1, zone).date(), day - timedelta(days=1))

    @search
    @given(every_day, zones)
    def test_months_follow_each_other_without_gap_or_overlap(self, day, zone):
        start, stop = months.bounds(day, zone)
        self.assertEqual(months.bounds(months.next_month(day), zone)[0], stop)
        self.assertEqual(months.bounds(months.previous_month(day), zone)[1], start)
        self.assertEqual(months.local_date(start, zone), day.replace(day=1))
        self.assertEqual(months.local_date(stop - 1, zone), months.last_day(day))

    @search
    @given(every_day)
    def test_a_year_before_is_at_most_366_days_before(self, day):
        before = months.year_before(day)
        self.assertEqual((before.year, before.month), (day.year - 1, day.month))
        self.assertIn((day - before).days, (365, 366))


@tagged("standard", "at_install", "ccm_billing")
class TestCountedTime(BaseCase):
    test_module = "ccm_module"

    @search
    @given(worked_months(grain=1, longest=1500))
    def test_no_second_counts_twice_and_none_is_rounded_up(self, facts):
        start, stop = months.bounds(facts.month, facts.zone)
        personal, everybody = set(), set()
        for work in facts.work:
            inside = range(max(work.start, start), min(work.stop, stop))
            if is_personal(work):
                personal.update(inside)
            if is_personal(work) or is_staff(work):
                everybody.update(inside)
        decision = decide(facts, CATALOGUE)
        self.assertEqual(decision.combined_seconds, len(everybody))
        self.assertEqual(decision.practitioner_seconds, len(personal))
        for option in decision.options:
            track = personal if option.family.is_personal else everybody
            self.assertEqual(option.minutes, len(track) // 60)

    @search
    @given(interrupted_months())
    def test_the_minutes_that_count_are_those_of_the_minute_by_minute_model(self, facts):
        staff, personal = counted_minutes(facts)
        decision = decide(facts, CATALOGUE)
        self.assertEqual(decision.staff_seconds, 60 * len(staff))
        self.assertEqual(decision.practitioner_seconds, 60 * len(personal))
        self.assertEqual(decision.combined_seconds, 60 * len(staff | personal))

    @search
    @given(interrupted_months())
    def test_what_counts_and_what_was_left_out_add_up_to_what_was_entered(self, facts):
        start, stop = months.bounds(facts.month, facts.zone)
        entered = [
            max(0, min(work.stop, stop) - max(work.start, start))
            for work in facts.work
            if is_staff(work) or is_personal(work)
        ]
        decision = decide(facts, CATALOGUE)
        self.assertTrue(all(lost > 0 for lost in decision.excluded.values()))
        left_out = dict(decision.excluded)
        left_out.pop("not_counting", None)
        self.assertEqual(decision.combined_seconds + sum(left_out.values()), sum(entered))

    @search
    @given(worked_months(longest=200000))
    def test_the_parts_of_an_entry_in_its_months_add_up_to_the_whole(self, facts):
        worked = [work for work in facts.work if is_staff(work) or is_personal(work)]
        assume(worked)
        touched = months.months_between(
            min(work.start for work in worked), max(work.stop for work in worked), facts.zone
        )
        parts = [
            decide(replace(facts, month=month, consents=()), CATALOGUE).combined_seconds
            for month in touched
        ]
        whole = intervals.seconds((work.start, work.stop) for work in worked)
        self.assertEqual(sum(parts), whole)


@tagged("standard", "at_install", "ccm_billing")
class TestBills(BaseCase):
    test_module = "ccm_module"

    @search
    @given(interrupted_months(), st.sampled_from(CHOICES))
    def test_every_bill_is_one_that_the_minutes_allow(self, facts, choice):
        staff, personal = counted_minutes(facts)
        legal = legal_bills(facts, len(staff | personal), len(personal))
        decision = decide(facts, CATALOGUE, choice)
        if legal:
            self.assertIn(bill(decision), legal.values())
        else:
            self.assertEqual((decision.lines, decision.state), ((), "short"))
        offered = {
            option.family.base.code: {line.code: line.units for line in option.lines}
            for option in decision.options
            if option.is_reached
        }
        self.assertEqual(offered, legal)

    @search
    @given(worked_months(longest=30000), st.sampled_from(CHOICES))
    def test_one_family_no_addon_without_its_base_and_no_unit_beyond_its_limit(self, facts, choice):
        billed = bill(decide(facts, CATALOGUE, choice))
        bases = [base for base, *_rest in FAMILIES if base in billed]
        self.assertLessEqual(len(bases), 1)
        for base, _first, addon, _step, _limit in FAMILIES:
            if addon in billed:
                self.assertIn(base, billed)
        for code, units in billed.items():
            self.assertGreaterEqual(units, 1)
            self.assertLessEqual(units, UNIT_LIMITS[code])

    @search
    @given(worked_months(), prices)
    def test_highest_is_the_dearest_legal_bill_whatever_the_prices(self, facts, prices):
        staff, personal = counted_minutes(facts)
        legal = legal_bills(facts, len(staff | personal), len(personal))
        decision = decide(priced(facts, prices), CATALOGUE)
        amounts = [worth(billed, prices) for billed in legal.values()]
        self.assertEqual(decision.amount, max(amounts, default=0))
        self.assertEqual(decision.amount, worth(bill(decision), prices))

    @search
    @given(worked_months())
    def test_fixed_orders_take_the_first_family_that_is_reached(self, facts):
        staff, personal = counted_minutes(facts)
        legal = legal_bills(facts, len(staff | personal), len(personal))
        for choice, order in (
            (PRACTITIONER_FIRST, ("99487", "99491", "99490")),
            (STAFF_FIRST, ("99487", "99490", "99491")),
        ):
            first = next((legal[base] for base in order if base in legal), {})
            self.assertEqual(bill(decide(facts, CATALOGUE, choice)), first)

    @search
    @given(st.integers(1, 120), st.integers(1, 60), st.integers(1, 12), st.integers(0, 45000))
    def test_any_code_of_the_catalogue_counts_whole_units(self, first, step, limit, minutes):
        code = ServiceCode("X", STAFF, "base", (), first, step, limit)
        units = code.units(minutes)
        self.assertIn(units - code.units(minutes - 1), (0, 1))
        self.assertLessEqual(units, limit)
        if units:
            self.assertLessEqual(code.minutes_for(units), minutes)
        if units < limit:
            self.assertGreater(code.minutes_for(units + 1), minutes)


@st.composite
def with_more(draw):
    """A month, and the same month with more work in it."""
    facts = draw(worked_months())
    more = draw(st.lists(entries(facts.month, facts.zone), min_size=1, max_size=3))
    return facts, replace(facts, work=(*facts.work, *more))


@tagged("standard", "at_install", "ccm_billing")
class TestMoreWork(BaseCase):
    test_module = "ccm_module"

    @search
    @given(with_more(), prices)
    def test_more_minutes_never_earn_less_under_highest(self, story, prices):
        less, more = (decide(priced(facts, prices), CATALOGUE).amount for facts in story)
        self.assertGreaterEqual(more, less)

    @search
    @given(with_more())
    def test_more_minutes_never_earn_less_under_staff_first_in_2026(self, story):
        less, more = (decide(facts, CATALOGUE, STAFF_FIRST).amount for facts in story)
        self.assertGreaterEqual(more, less)

    @search
    @given(with_more())
    def test_under_practitioner_first_only_99491_for_staff_codes_may_earn_less(self, story):
        less, more = (decide(facts, CATALOGUE, PRACTITIONER_FIRST) for facts in story)
        if not ("99490" in bill(less) and "99491" in bill(more)):
            self.assertGreaterEqual(more.amount, less.amount)

    @search
    @given(worked_months(), prices)
    def test_a_complex_decision_never_earns_less_under_highest(self, facts, prices):
        plain, complex_ = (
            decide(priced(replace(facts, complex_mdm=mdm), prices), CATALOGUE).amount
            for mdm in (False, True)
        )
        self.assertGreaterEqual(complex_, plain)

    def test_exception_the_practitioners_code_may_be_less_than_the_staffs(self):
        before, after = (
            judge(PRACTITIONER_FIRST, work=(*NURSE_60, by_doctor("2026-07-08 09:00", length)))
            for length in ("29:59", "30:00")
        )
        self.assertEqual((before.amount, after.amount), (Decimal("167.01"), Decimal("89.18")))

    def test_exception_the_complex_code_may_be_less_than_the_staffs(self):
        for choice in (PRACTITIONER_FIRST, STAFF_FIRST):
            plain, complex_ = (judge(choice, work=NURSE_60, complex_mdm=m) for m in (False, True))
            self.assertEqual(
                (plain.amount, complex_.amount), (Decimal("167.01"), Decimal("144.29"))
            )

    @search
    @given(worked_months())
    def test_the_next_step_is_just_enough(self, facts):
        """The seconds it names bring one more unit of the code it names; one second less does not."""
        whole = intervals.union((work.start, work.stop) for work in facts.work)
        free = months.midnight(facts.month + timedelta(days=20), facts.zone)
        assume(not intervals.clip(whole, free, free + 3600))
        before = decide(facts, CATALOGUE)
        for step in before.next_steps:
            self.assertGreater(step.seconds, 0)
            units = {
                missing: self.units_after(facts, step, free, step.seconds - missing)
                for missing in (0, 1, step.seconds)
            }
            self.assertEqual(units[1], units[step.seconds])
            self.assertEqual(units[0], units[step.seconds] + 1)
            after = self.after(facts, step, free, step.seconds)
            self.assertEqual(step.amount, after.amount - before.amount)

    @staticmethod
    def after(facts, step, start, seconds):
        entry = Work(start, start + seconds, step.performer, step.performer == PRACTITIONER)
        return decide(replace(facts, work=(*facts.work, entry)), CATALOGUE)

    def units_after(self, facts, step, start, seconds):
        decision = self.after(facts, step, start, seconds)
        lines = [line for option in decision.options for line in option.lines]
        return sum(line.units for line in lines if line.code == step.code)


def some_of(pool, at_least=1):
    return st.lists(st.sampled_from(pool), min_size=at_least, max_size=4, unique=True).map(tuple)


@st.composite
def gated_months(draw):
    """A month that lacks this and that; about half of them are blocked."""
    facts = draw(worked_months(longest=9000))
    month, zone = facts.month, facts.zone
    start = months.bounds(month, zone)[0]
    diabetes, heart_failure = COMPLETE.conditions
    consent, plan = COMPLETE.consents[0], COMPLETE.plans[0]
    return replace(
        facts,
        consents=draw(
            some_of(
                (
                    consent,
                    replace(consent, told_all=False),
                    replace(consent, practitioner=DR_ROE),
                    replace(consent, valid_until=months.last_day(month)),
                    replace(consent, valid_until=month - timedelta(days=1)),
                    replace(consent, given_at=start + 3600),
                    replace(consent, given_at=start - 3600, told_all=False),
                )
            )
        ),
        conditions=draw(
            some_of(
                (
                    diabetes,
                    heart_failure,
                    Condition("N18.30", True, True, chronicity="undetermined"),
                    Condition("J44.9", True, True),
                    replace(diabetes, code="J06.9", lasts_12_months=False),
                    replace(heart_failure, code="L84", significant_risk=False),
                ),
                at_least=2,
            )
        ),
        plans=draw(
            some_of(
                (
                    plan,
                    Plan(approved_on=months.last_day(month), copy_given_on=month),
                    replace(plan, copy_given_on=None),
                    replace(plan, approved_on=None),
                    Plan(),
                )
            )
        ),
        practitioner_npi=draw(st.sampled_from((True,) * 7 + (False,))),
        running_timers=draw(st.sampled_from((0,) * 7 + (1,))),
        undescribed_entries=draw(st.sampled_from((0,) * 7 + (1,))),
        others=draw(st.sampled_from(((),) * 7 + ((OtherService("esrd", month),),))),
    )


@st.composite
def with_less(draw, facts):
    """The same month with some of its facts missing."""
    kept = {
        name: tuple(fact for fact in getattr(facts, name) if draw(st.booleans()))
        for name in ("consents", "conditions", "plans")
    }
    unknown = draw(st.sets(st.sampled_from(sorted(FEES_2026)), max_size=2))
    return replace(
        facts,
        **kept,
        enrollment=draw(st.sampled_from((facts.enrollment, facts.enrollment, None))),
        practitioner_npi=facts.practitioner_npi and draw(st.booleans()),
        running_timers=facts.running_timers + draw(st.integers(0, 1)),
        undescribed_entries=facts.undescribed_entries + draw(st.integers(0, 1)),
        price_of=lambda code, _day: None if code in unknown else FEES_2026[code],
    )


@tagged("standard", "at_install", "ccm_billing")
class TestGate(BaseCase):
    test_module = "ccm_module"

    @search
    @given(st.data(), st.sampled_from(CHOICES))
    def test_missing_facts_never_turn_blocked_into_ready(self, data, choice):
        facts = data.draw(gated_months())
        less = decide(data.draw(with_less(facts)), CATALOGUE, choice)
        if decide(facts, CATALOGUE, choice).state == "blocked":
            self.assertNotEqual(less.state, "ready")

    @search
    @given(gated_months(), st.sampled_from(CHOICES))
    def test_ready_means_lines_prices_and_no_blocker(self, facts, choice):
        decision = decide(facts, CATALOGUE, choice)
        if decision.state == "ready":
            self.assertTrue(decision.lines)
            self.assertEqual(decision.blockers, ())
            self.assertTrue(all(line.amount is not None for line in decision.lines))
        elif decision.state == "blocked":
            self.assertTrue(decision.lines and decision.blockers)
        else:
            self.assertEqual((decision.state, decision.lines), ("short", ()))


@tagged("standard", "at_install", "ccm_billing")
class TestOrder(BaseCase):
    test_module = "ccm_module"

    @search
    @given(interrupted_months(), st.sampled_from(CHOICES), st.randoms(use_true_random=False))
    def test_the_order_of_entries_does_not_matter(self, facts, choice, random):
        shuffled = list(facts.work)
        random.shuffle(shuffled)
        self.assertEqual(
            decide(facts, CATALOGUE, choice),
            decide(replace(facts, work=tuple(shuffled)), CATALOGUE[::-1], choice),
        )

    @search
    @given(interrupted_months(), st.sampled_from(CHOICES))
    def test_the_same_facts_are_decided_alike_and_left_as_they_are(self, facts, choice):
        before = deepcopy(facts)
        self.assertEqual(decide(facts, CATALOGUE, choice), decide(before, iter(CATALOGUE), choice))
        self.assertEqual(facts, before)

    @search
    @given(worked_months())
    def test_an_entry_cut_in_two_is_worth_the_same(self, facts):
        halves = tuple(
            half
            for work in facts.work
            for middle in [(work.start + work.stop) // 2]
            for half in (replace(work, stop=middle), replace(work, start=middle))
        )
        self.assertEqual(decide(facts, CATALOGUE), decide(replace(facts, work=halves), CATALOGUE))


@tagged("standard", "at_install", "ccm_billing")
class TestServiceDate(BaseCase):
    test_module = "ccm_module"

    @search
    @given(interrupted_months(), st.sampled_from(CHOICES))
    def test_it_is_the_day_on_which_the_last_billed_unit_was_reached(self, facts, choice):
        decision = decide(facts, CATALOGUE, choice)
        if not decision.chosen:
            return
        staff, personal = counted_minutes(facts)
        track = personal if decision.chosen.family.is_personal else staff | personal
        day = decision.service_date
        self.assertEqual({line.service_date for line in decision.lines}, {day})
        self.assertEqual((day.year, day.month), (facts.month.year, facts.month.month))
        dates = [datetime.fromtimestamp(moment, facts.zone).date() for moment in track]
        by_base = {family[0]: family for family in FAMILIES}
        family = by_base[decision.chosen.family.base.code]
        until_then = bill_of(*family, sum(date <= day for date in dates))
        the_day_before = bill_of(*family, sum(date < day for date in dates))
        self.assertEqual(until_then, bill(decision))
        self.assertNotEqual(the_day_before, bill(decision))

    def test_a_nurse_at_midnight_in_kolkata(self):
        """A whole story by hand, as a check on the models above."""
        kolkata = ZoneInfo("Asia/Kolkata")
        decision = judge(
            zone=kolkata,
            work=(
                by_nurse("2026-06-30 23:50", "25:00", kolkata),
                by_nurse("2026-07-31 23:55", "25:00", kolkata),
            ),
        )
        self.assertEqual(decision.combined_seconds, 20 * 60)
        self.assertEqual(decision.service_date, date(2026, 7, 31))
