"""Which day and price a bill has, and which seconds of the month it counts.

The rules are those of the CMS CCM FAQ, MLN909188, the NCCI edits and the Medicare contractors; a test
of a rule that no source settles says so by expecting a warning and never a refusal.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo.tests import tagged

from odoo.addons.ccm_module.billing.decision import decide
from odoo.addons.ccm_module.billing.facts import (
    Consent,
    Enrollment,
    Plan,
    Visit,
)
from odoo.addons.ccm_module.billing.intervals import share
from odoo.addons.ccm_module.billing.months import bounds, midnight, months_between
from odoo.addons.ccm_module.billing.options import PRACTITIONER_FIRST, STAFF_FIRST

from .billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_DOE,
    FEES_2026,
    JULY,
    NURSE_20,
    NURSE_60,
    MonthRuleCase,
    at,
    bill,
    by_doctor,
    by_nurse,
    by_reception,
    judge,
)

DAY = 24 * 60 * 60
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",  # no summer time
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/St_Johns",  # half an hour
    "America/Puerto_Rico",
    "Asia/Kolkata",
    "Pacific/Chatham",  # three quarters of an hour
    "America/Santiago",  # changes its clocks at midnight
    "Pacific/Guam",
    "UTC",
)


@tagged("ccm_billing")
class TestPrices(MonthRuleCase):
    """No amount is guessed."""

    def priced(self, *missing, **changes):
        return judge(
            price_of=lambda code, _day: None if code in missing else FEES_2026[code], **changes
        )

    def test_a_line_without_a_price_blocks_and_is_named(self):
        decision = self.priced("99490")
        self.assert_blocked(decision, "no_fee")
        self.assertEqual(decision.blockers[0].params, {"codes": "99490"})

    def test_a_practice_that_loaded_no_fees_is_told_which(self):
        decision = self.priced("99490", "99439", "99491", "99437", work=NURSE_60)
        self.assertEqual(decision.blockers[0].params, {"codes": "99439, 99490"})

    def test_the_highest_amount_is_unknown_while_another_bill_has_no_price(self):
        doctor = (by_doctor("2026-07-06 09:00", "30:00"),)
        self.assert_blocked(self.priced("99491", work=doctor), "no_fee")

    def test_a_fixed_order_needs_only_the_prices_of_its_own_lines(self):
        doctor = (by_doctor("2026-07-06 09:00", "30:00"),)
        self.assert_ready(self.priced("99491", work=doctor, choice=STAFF_FIRST))
        self.assert_ready(self.priced("99490", work=doctor, choice=PRACTITIONER_FIRST))

    def test_a_price_of_a_code_out_of_reach_is_not_needed(self):
        self.assert_ready(self.priced("99439", "99491", "99437", "99487", "99489", "G0506"))

    def test_a_price_of_nothing_is_a_price(self):
        self.assert_ready(judge(price_of=lambda _code, _day: Decimal(0)))

    def test_the_price_is_that_of_the_date_of_service(self):
        """The conversion factor rose on 9 March 2024, in mid-month."""

        def fee(_code, day):
            return Decimal("62.58") if day >= date(2024, 3, 9) else Decimal("61.56")

        march = {
            "month": date(2024, 3, 1),
            "price_of": fee,
            "enrollment": Enrollment(DR_DOE, date(2024, 1, 1), last_seen=date(2023, 9, 9)),
            "consents": (Consent(DR_DOE, at("2024-01-02 09:00"), True),),
            "plans": (Plan(date(2024, 1, 2), date(2024, 1, 2)),),
        }
        before = judge(work=(by_nurse("2024-03-08 23:40", "20:00"),), **march)
        self.assertEqual(before.amount, Decimal("61.56"))
        after = judge(work=(by_nurse("2024-03-08 23:40:01", "20:00"),), **march)
        self.assertEqual(after.amount, Decimal("62.58"))


@tagged("ccm_billing")
class TestDateOfService(MonthRuleCase):
    """The day on which the last billed unit was reached, one for base and add-on codes."""

    def test_the_day_the_threshold_was_reached(self):
        decision = judge(
            work=(
                by_nurse("2026-07-06 09:00", "15:00"),
                by_nurse("2026-07-13 09:00", "5:00"),
                by_nurse("2026-07-20 09:00", "19:00"),
            )
        )
        self.assertEqual(decision.service_date, date(2026, 7, 13))

    def test_base_and_addon_share_the_day_of_the_last_unit(self):
        decision = judge(
            work=(by_nurse("2026-07-06 09:00", "40:00"), by_nurse("2026-07-20 09:00", "20:00"))
        )
        self.assertEqual({line.service_date for line in decision.lines}, {date(2026, 7, 20)})

    def test_minutes_beyond_the_limit_do_not_move_the_day(self):
        decision = judge(work=(*NURSE_60, by_nurse("2026-07-20 09:00", "60:00")))
        self.assertEqual(decision.service_date, date(2026, 7, 6))

    def test_a_threshold_reached_at_midnight_was_reached_on_the_day_that_ended(self):
        decision = judge(work=(by_nurse("2026-07-31 23:40", "20:00"),))
        self.assertEqual(decision.service_date, date(2026, 7, 31))

    def test_the_day_is_the_practices_not_greenwichs(self):
        evening = by_nurse("2026-07-31 20:30", "20:00")  # already August in UTC
        self.assertEqual(judge(work=(evening,)).service_date, date(2026, 7, 31))


@tagged("ccm_billing")
class TestVisitDay(MonthRuleCase):
    """Time on the day of a visit, 6 July: read differently, hence the practice's own choice."""

    visits = (Visit(DR_DOE, date(2026, 7, 6), "em_3", False),)

    def judged(self, rule, *work):
        return judge(visit_day_rule=rule, visits=self.visits, work=work or NURSE_20)

    def test_warn_counts_the_time_and_says_so(self):
        decision = self.judged("warn")
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision, told=["visit_same_day"])
        self.assertEqual(decision.warnings[0].params, {"day": date(2026, 7, 6)})

    def test_warn_is_silent_on_other_days(self):
        self.assert_ready(self.judged("warn", by_nurse("2026-07-07 00:00", "20:00")))

    def test_warn_sees_an_entry_that_runs_past_midnight_into_the_day(self):
        decision = self.judged("warn", by_nurse("2026-07-05 23:50", "20:00"))
        self.assert_ready(decision, told=["visit_same_day"])

    def test_warn_ignores_time_that_does_not_count_anyway(self):
        decision = self.judged(
            "warn", by_nurse("2026-07-08 09:00", "20:00"), by_reception("2026-07-06 09:00", "9:00")
        )
        self.assert_ready(decision)

    def test_warn_ignores_days_of_another_month(self):
        """An entry that began on a visit's day in June is June's affair."""
        visits = (Visit(DR_DOE, date(2026, 6, 30), "em_3", False),)
        decision = judge(visits=visits, work=(by_nurse("2026-06-30 23:50", "30:00"),))
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision)

    def test_exclude_leaves_staff_time_of_the_day_out(self):
        decision = self.judged(
            "exclude", by_nurse("2026-07-05 23:50", "20:00"), by_nurse("2026-07-06 23:50", "20:00")
        )
        self.assert_counted(decision, "20:00", visit_day="20:00")
        self.assert_ready(decision)

    def test_exclude_keeps_the_practitioners_own_time(self):
        decision = self.judged("exclude", by_doctor("2026-07-06 09:00", "30:00"))
        self.assert_counted(decision, "30:00")
        self.assertEqual(bill(decision), {"99491": 1})

    def test_count_counts_without_a_word(self):
        decision = self.judged("count")
        self.assert_counted(decision, "20:00")
        self.assert_ready(decision)


@tagged("ccm_billing")
class TestUnfinishedEntries(MonthRuleCase):
    def test_a_running_timer_blocks(self):
        self.assert_blocked(judge(running_timers=1), "timer_running")

    def test_an_entry_to_review_blocks(self):
        decision = judge(unreviewed_entries=2)
        self.assert_blocked(decision, "entries_to_review")
        self.assertEqual(decision.blockers[0].params, {"count": 2})

    def test_an_entry_that_nobody_described_blocks(self):
        decision = judge(undescribed_entries=3)
        self.assert_blocked(decision, "entries_to_describe")
        self.assertEqual(decision.blockers[0].params, {"count": 3})


@tagged("ccm_billing")
class TestSharedTime(MonthRuleCase):
    """Time spent on several patients at once is divided among them."""

    def test_thirty_minutes_for_three_patients_are_ten_each(self):
        start = at("2026-07-06 09:00")
        parts = share(start, start + 30 * 60, 3)
        self.assertEqual([stop - begin for begin, stop in parts], [600, 600, 600])

    def test_the_parts_follow_each_other_and_add_up_to_the_second(self):
        self.assertEqual(share(100, 111, 3), [(100, 104), (104, 108), (108, 111)])
        self.assertEqual(share(100, 102, 3), [(100, 101), (101, 102), (102, 102)])

    def test_time_of_one_patient_stays_whole(self):
        self.assertEqual(share(100, 700, 1), [(100, 700)])

    def test_an_hour_for_three_is_one_unit_each(self):
        start = at("2026-07-06 09:00")
        for begin, stop in share(start, start + 60 * 60, 3):
            decision = judge(work=(replace(NURSE_20[0], start=begin, stop=stop),))
            self.assertEqual(bill(decision), {"99490": 1})


@tagged("ccm_billing")
class TestMonthEnd(MonthRuleCase):
    """A second belongs to the calendar month it was worked in, in the practice's own zone."""

    def counted(self, month, zone, *work):
        facts = replace(
            COMPLETE,
            month=month,
            zone=ZoneInfo(zone),
            enrollment=replace(COMPLETE.enrollment, start=date(2020, 1, 1)),
            consents=(),
            work=work,
        )
        return decide(facts, CATALOGUE).combined_seconds

    def test_an_entry_across_the_month_end_is_split_at_local_midnight(self):
        for zone in ZONES:
            for month, last in (
                (date(2026, 1, 1), "2026-01-31"),
                (date(2026, 2, 1), "2026-02-28"),
                (date(2026, 6, 1), "2026-06-30"),
                (date(2026, 12, 1), "2026-12-31"),
                (date(2028, 2, 1), "2028-02-29"),
            ):
                with self.subTest(zone=zone, last=last):
                    entry = by_nurse(f"{last} 23:50", "30:00", ZoneInfo(zone))
                    after = date.fromisoformat(last) + timedelta(days=1)
                    self.assertEqual(self.counted(month, zone, entry), 10 * 60)
                    self.assertEqual(self.counted(after, zone, entry), 20 * 60)
                    self.assertEqual(
                        months_between(entry.start, entry.stop, ZoneInfo(zone)), [month, after]
                    )

    def test_an_entry_that_ends_at_midnight_stays_in_its_month(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                entry = by_nurse("2026-07-31 23:40", "20:00", ZoneInfo(zone))
                self.assertEqual(self.counted(JULY, zone, entry), 20 * 60)
                self.assertEqual(self.counted(date(2026, 8, 1), zone, entry), 0)
                self.assertEqual(months_between(entry.start, entry.stop, ZoneInfo(zone)), [JULY])

    def test_a_month_with_a_change_of_clocks_has_its_true_length(self):
        for zone, month, days, hours in (
            ("America/New_York", date(2026, 3, 1), 31, -1),
            ("America/New_York", date(2026, 11, 1), 30, +1),
            ("America/New_York", JULY, 31, 0),
            ("America/Phoenix", date(2026, 3, 1), 31, 0),
            ("Pacific/Chatham", date(2026, 4, 1), 30, +1),
            ("Pacific/Chatham", date(2026, 9, 1), 30, -1),
            ("America/Santiago", date(2026, 4, 1), 30, +1),
            ("America/Santiago", date(2026, 9, 1), 30, -1),
        ):
            with self.subTest(zone=zone, month=month):
                start, stop = bounds(month, ZoneInfo(zone))
                self.assertEqual(stop - start, days * DAY + hours * 3600)

    def test_an_hour_that_clocks_skip_is_not_worked(self):
        entry = replace(NURSE_20[0], start=at("2026-03-08 01:50"), stop=at("2026-03-08 03:10"))
        self.assertEqual(self.counted(date(2026, 3, 1), "America/New_York", entry), 20 * 60)

    def test_an_hour_that_clocks_repeat_is_worked_twice(self):
        first, second = at("2026-11-01 01:30"), at("2026-11-01 01:30", fold=1)
        entry = replace(NURSE_20[0], start=first, stop=second)
        self.assertEqual(self.counted(date(2026, 11, 1), "America/New_York", entry), 60 * 60)

    def test_where_midnight_is_skipped_the_day_begins_at_the_first_moment_there_is(self):
        """In Santiago, 6 September 2026 begins at one o'clock."""
        zone = ZoneInfo("America/Santiago")
        self.assertEqual(midnight(date(2026, 9, 6), zone), at("2026-09-05 23:59:59", zone) + 1)
        self.assertEqual(midnight(date(2026, 9, 6), zone), at("2026-09-06 01:00", zone))

    def test_where_a_month_begins_without_a_midnight(self):
        """In Asuncion, October 2023 began at one o'clock."""
        zone = ZoneInfo("America/Asuncion")
        entry = by_nurse("2023-09-30 23:50", "30:00", zone)
        self.assertEqual(self.counted(date(2023, 9, 1), "America/Asuncion", entry), 10 * 60)
        self.assertEqual(self.counted(date(2023, 10, 1), "America/Asuncion", entry), 20 * 60)

    def test_where_a_month_begins_with_two_midnights(self):
        """In Havana, the first hour of November 2026 comes twice, and both are November's."""
        zone = ZoneInfo("America/Havana")
        start = at("2026-11-01 00:00", zone)
        self.assertEqual(bounds(date(2026, 11, 1), zone)[0], start)
        entry = replace(NURSE_20[0], start=start - 60, stop=at("2026-11-01 01:00", zone))
        self.assertEqual(self.counted(date(2026, 10, 1), "America/Havana", entry), 60)
        self.assertEqual(self.counted(date(2026, 11, 1), "America/Havana", entry), 2 * 3600)

    def test_minutes_do_not_carry_over_from_month_to_month(self):
        june_and_july = (
            by_nurse("2026-06-30 09:00", "19:00"),
            by_nurse("2026-07-01 09:00", "19:00"),
        )
        self.assertEqual(judge(work=june_and_july).state, "short")
        self.assertEqual(judge(month=date(2026, 6, 1), work=june_and_july).state, "short")
