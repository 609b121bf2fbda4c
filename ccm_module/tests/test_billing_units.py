"""How minutes become codes and units, row by row of CPT's care-management unit tables.

There is no midpoint rule: every unit needs its whole threshold, so each row of a table is told by
its last second before (19:59) and its first second (20:00).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing.codes import ServiceCode, families
from odoo.addons.ccm_module.billing.facts import STAFF, Visit
from odoo.addons.ccm_module.billing.options import (
    HIGHEST,
    PRACTITIONER_FIRST,
    STAFF_FIRST,
    NextStep,
)

from .billing_common import (
    CATALOGUE,
    DR_DOE,
    FEES_2026,
    JULY,
    NEW_IN_JULY,
    NURSE_60,
    bill,
    by_colleague,
    by_doctor,
    by_nurse,
    by_reception,
    judge,
)

CODES = {code.code: code for code in CATALOGUE}


@tagged("ccm_billing")
class TestUnitTable(BaseCase):
    """One code by itself: the minutes of the month to its units."""

    def assert_units(self, code, rows):
        for minutes, units in rows:
            with self.subTest(code=code, minutes=minutes):
                self.assertEqual(CODES[code].units(minutes), units)

    def test_99490_is_one_unit_from_20_minutes(self):
        self.assert_units("99490", [(0, 0), (19, 0), (20, 1), (39, 1), (40, 1), (44640, 1)])

    def test_99439_is_a_further_20_minutes_twice_at_most(self):
        self.assert_units(
            "99439", [(20, 0), (39, 0), (40, 1), (59, 1), (60, 2), (79, 2), (80, 2), (44640, 2)]
        )

    def test_99491_is_one_unit_from_30_minutes(self):
        self.assert_units("99491", [(0, 0), (29, 0), (30, 1), (59, 1), (60, 1), (44640, 1)])

    def test_99437_is_a_further_30_minutes_twice_at_most(self):
        self.assert_units(
            "99437", [(30, 0), (59, 0), (60, 1), (89, 1), (90, 2), (119, 2), (120, 2)]
        )

    def test_99487_is_one_unit_from_60_minutes(self):
        self.assert_units("99487", [(0, 0), (59, 0), (60, 1), (89, 1), (90, 1), (44640, 1)])

    def test_99489_is_a_further_30_minutes_ten_times_at_most(self):
        self.assert_units(
            "99489",
            [(60, 0), (89, 0), (90, 1), (119, 1), (120, 2), (359, 9), (360, 10), (390, 10)],
        )

    def test_g0506_is_not_timed(self):
        self.assertFalse(CODES["G0506"].is_timed)
        self.assert_units("G0506", [(0, 0), (20, 0), (44640, 0)])

    def test_the_minutes_of_a_unit_are_those_that_reach_it(self):
        for code, units, minutes in (
            ("99490", 1, 20),
            ("99439", 1, 40),
            ("99439", 2, 60),
            ("99437", 2, 90),
            ("99489", 10, 360),
        ):
            with self.subTest(code=code, units=units):
                self.assertEqual(CODES[code].minutes_for(units), minutes)
                self.assertEqual(CODES[code].units(minutes), units)
                self.assertEqual(CODES[code].units(minutes - 1), units - 1)


@tagged("ccm_billing")
class TestFamilies(BaseCase):
    def names(self, codes=CATALOGUE, day=JULY):
        return [tuple(code.code for code in family.codes) for family in families(codes, day)]

    def test_each_base_code_goes_with_its_own_addons(self):
        self.assertEqual(self.names(), [("99487", "99489"), ("99490", "99439"), ("99491", "99437")])

    def test_who_may_fill_a_family(self):
        told = {f.base.code: (f.is_personal, f.is_complex) for f in families(CATALOGUE, JULY)}
        self.assertEqual(
            told,
            {"99487": (False, True), "99490": (False, False), "99491": (True, False)},
        )

    def test_a_code_is_billed_in_months_it_is_valid_in_from_first_to_last_day(self):
        """So that it is valid on the date of service, whichever day that will be."""
        for first, last, is_valid in (
            (date(2026, 7, 1), date(2026, 7, 31), True),
            (date(2026, 7, 2), None, False),
            (None, date(2026, 7, 30), False),
            (None, None, True),
        ):
            with self.subTest(first=first, last=last):
                addon = replace(CODES["99439"], date_from=first, date_to=last)
                self.assertEqual(addon.is_valid_in(JULY), is_valid)
                found = self.names([CODES["99490"], addon], JULY)
                self.assertEqual(found, [("99490", "99439")] if is_valid else [("99490",)])

    def test_g2058_gave_way_to_99439_in_2021(self):
        old = ServiceCode(
            "G2058", STAFF, "addon", ("99490",), 40, 20, 2, date_to=date(2020, 12, 31)
        )
        new = replace(CODES["99439"], date_from=date(2021, 1, 1))
        codes = [CODES["99490"], old, new]
        self.assertEqual(self.names(codes, date(2020, 12, 31)), [("99490", "G2058")])
        self.assertEqual(self.names(codes, date(2021, 1, 1)), [("99490", "99439")])

    def test_an_addon_without_its_base_makes_no_family(self):
        self.assertEqual(self.names([CODES["99439"], CODES["G0506"]]), [])


@tagged("ccm_billing")
class TestFamilyTables(BaseCase):
    """A whole month by a whole family, each row of its table on both sides of the boundary."""

    def assert_bills(self, worker, rows, **changes):
        for length, expected in rows:
            with self.subTest(length=length):
                decision = judge(work=(worker("2026-07-06 00:00", length),), **changes)
                self.assertEqual(bill(decision), expected)
                self.assertEqual(decision.state, "ready" if expected else "short")

    def test_staff_family(self):
        self.assert_bills(
            by_nurse,
            [
                ("0:00", {}),
                ("19:59", {}),
                ("20:00", {"99490": 1}),
                ("39:59", {"99490": 1}),
                ("40:00", {"99490": 1, "99439": 1}),
                ("59:59", {"99490": 1, "99439": 1}),
                ("60:00", {"99490": 1, "99439": 2}),
                ("79:59", {"99490": 1, "99439": 2}),
                ("80:00", {"99490": 1, "99439": 2}),
                ("600:00", {"99490": 1, "99439": 2}),
            ],
        )

    def test_personal_family(self):
        self.assert_bills(
            by_doctor,
            [
                ("30:00", {"99491": 1}),
                ("59:59", {"99491": 1}),
                ("60:00", {"99491": 1, "99437": 1}),
                ("89:59", {"99491": 1, "99437": 1}),
                ("90:00", {"99491": 1, "99437": 2}),
                ("119:59", {"99491": 1, "99437": 2}),
                ("120:00", {"99491": 1, "99437": 2}),
                ("600:00", {"99491": 1, "99437": 2}),
            ],
            choice=PRACTITIONER_FIRST,
        )

    def test_complex_family(self):
        self.assert_bills(
            by_nurse,
            [
                ("60:00", {"99487": 1}),
                ("89:59", {"99487": 1}),
                ("90:00", {"99487": 1, "99489": 1}),
                ("119:59", {"99487": 1, "99489": 1}),
                ("120:00", {"99487": 1, "99489": 2}),
                ("149:59", {"99487": 1, "99489": 2}),
                ("150:00", {"99487": 1, "99489": 3}),
                ("359:59", {"99487": 1, "99489": 9}),
                ("360:00", {"99487": 1, "99489": 10}),
                ("390:00", {"99487": 1, "99489": 10}),
            ],
            complex_mdm=True,
            choice=STAFF_FIRST,
        )

    def test_below_30_minutes_the_practitioner_still_earns_the_staff_code(self):
        self.assert_bills(
            by_doctor,
            [("19:59", {}), ("20:00", {"99490": 1}), ("29:59", {"99490": 1})],
            choice=PRACTITIONER_FIRST,
        )

    def test_complex_below_60_minutes_falls_back_to_the_staff_family(self):
        self.assert_bills(
            by_nurse,
            [
                ("19:59", {}),
                ("20:00", {"99490": 1}),
                ("59:59", {"99490": 1, "99439": 1}),
            ],
            complex_mdm=True,
            choice=STAFF_FIRST,
        )

    def test_complex_without_mdm_falls_back_to_the_staff_family(self):
        self.assert_bills(
            by_nurse,
            [
                ("60:00", {"99490": 1, "99439": 2}),
                ("90:00", {"99490": 1, "99439": 2}),
                ("600:00", {"99490": 1, "99439": 2}),
            ],
            choice=STAFF_FIRST,
        )


@tagged("ccm_billing")
class TestWhoseMinutes(BaseCase):
    """The practitioner's minutes may serve as staff minutes, never the reverse (CMS FAQ 2017)."""

    def test_practitioner_minutes_fill_up_the_staff_code(self):
        decision = judge(
            work=(by_nurse("2026-07-06 09:00", "12:00"), by_doctor("2026-07-08 09:00", "8:00"))
        )
        self.assertEqual(bill(decision), {"99490": 1})
        self.assertEqual(decision.combined_seconds, 20 * 60)

    def test_practitioner_minutes_fill_up_the_complex_code(self):
        decision = judge(
            STAFF_FIRST,
            work=(by_nurse("2026-07-06 09:00", "40:00"), by_doctor("2026-07-08 09:00", "20:00")),
            complex_mdm=True,
        )
        self.assertEqual(bill(decision), {"99487": 1})

    def test_staff_minutes_never_fill_up_the_personal_code(self):
        decision = judge(
            PRACTITIONER_FIRST,
            work=(by_doctor("2026-07-06 09:00", "29:59"), by_nurse("2026-07-08 09:00", "29:00")),
        )
        self.assertEqual(bill(decision), {"99490": 1, "99439": 1})

    def test_staff_minutes_never_fill_up_the_personal_addon(self):
        decision = judge(
            PRACTITIONER_FIRST,
            work=(by_doctor("2026-07-06 09:00", "30:00"), by_nurse("2026-07-08 09:00", "600:00")),
        )
        self.assertEqual(bill(decision), {"99491": 1})

    def test_a_practitioner_who_does_not_bill_the_patient_works_as_staff(self):
        decision = judge(PRACTITIONER_FIRST, work=(by_colleague("2026-07-06 09:00", "40:00"),))
        self.assertEqual(bill(decision), {"99490": 1, "99439": 1})
        self.assertEqual(decision.practitioner_seconds, 0)

    def test_reception_and_machines_never_count(self):
        decision = judge(
            work=(by_reception("2026-07-06 09:00", "60:00"), by_nurse("2026-07-06 11:00", "19:59"))
        )
        self.assertEqual(decision.state, "short")
        self.assertEqual(decision.excluded, {"not_counting": 60 * 60})

    def test_an_activity_marked_as_not_counting_does_not_count_whoever_does_it(self):
        idle = replace(by_doctor("2026-07-06 09:00", "60:00"), counts=False)
        decision = judge(work=(idle, replace(NURSE_60[0], counts=False)))
        self.assertEqual(decision.state, "short")
        self.assertEqual(decision.combined_seconds, 0)


@tagged("ccm_billing")
class TestExactSeconds(BaseCase):
    """Seconds are added up over the month and floored once: never rounded, never lost."""

    def test_seconds_of_several_entries_add_up(self):
        thirds = tuple(by_nurse(f"2026-07-0{day} 09:00", "6:40") for day in (6, 7, 8))
        self.assertEqual(bill(judge(work=thirds)), {"99490": 1})

    def test_a_second_short_is_short(self):
        almost = tuple(by_nurse(f"2026-07-0{day} 09:00", "6:40") for day in (6, 7))
        self.assertEqual(judge(work=(*almost, by_nurse("2026-07-08 09:00", "6:39"))).state, "short")

    def test_half_minutes_are_neither_rounded_up_nor_dropped(self):
        halves = tuple(by_nurse(f"2026-07-06 09:{minute:02}", "0:30") for minute in range(40))
        self.assertEqual(judge(work=halves).combined_seconds, 20 * 60)
        self.assertEqual(judge(work=halves).state, "ready")
        self.assertEqual(judge(work=halves[1:]).state, "short")

    def test_two_people_at_the_same_moment_count_once(self):
        nurses = (by_nurse("2026-07-06 09:00", "20:00"), by_nurse("2026-07-06 09:10", "19:59"))
        decision = judge(work=nurses)
        self.assertEqual(decision.combined_seconds, 29 * 60 + 59)
        self.assertEqual(decision.excluded, {"simultaneous": 10 * 60})
        self.assertEqual(bill(decision), {"99490": 1})

    def test_a_short_entry_within_a_long_one_changes_nothing(self):
        nurses = (by_nurse("2026-07-06 09:00", "40:00"), by_nurse("2026-07-06 09:10", "5:00"))
        self.assertEqual(judge(work=nurses).combined_seconds, 40 * 60)

    def test_nurse_and_practitioner_at_the_same_moment_count_once_as_staff_time(self):
        together = (by_nurse("2026-07-06 09:00", "30:00"), by_doctor("2026-07-06 09:00", "30:00"))
        decision = judge(PRACTITIONER_FIRST, work=together)
        self.assertEqual(decision.combined_seconds, 30 * 60)
        self.assertEqual(decision.practitioner_seconds, 30 * 60, "the practitioner was there")
        self.assertEqual(decision.excluded, {"simultaneous": 30 * 60})
        self.assertEqual(bill(decision), {"99491": 1})
        self.assertEqual(bill(judge(STAFF_FIRST, work=together)), {"99490": 1})

    def test_entries_that_touch_neither_lose_nor_gain_a_second(self):
        touching = (by_nurse("2026-07-06 09:00", "10:00"), by_nurse("2026-07-06 09:10", "10:00"))
        decision = judge(work=touching)
        self.assertEqual(decision.combined_seconds, 20 * 60)
        self.assertEqual(decision.excluded, {})


@tagged("ccm_billing")
class TestChoices(BaseCase):
    """Which of the legal bills is chosen, with the national amounts of 2026."""

    def assert_chosen(self, rows, **changes):
        for nurse, doctor, choice, codes, amount in rows:
            with self.subTest(nurse=nurse, doctor=doctor, choice=choice):
                decision = judge(
                    choice,
                    work=(
                        by_nurse("2026-07-06 00:00", f"{nurse}:00"),
                        by_doctor("2026-07-08 00:00", f"{doctor}:00"),
                    ),
                    **changes,
                )
                self.assertEqual(bill(decision), codes)
                self.assertEqual(decision.amount, Decimal(amount))

    def test_staff_only_time_has_one_bill_under_every_choice(self):
        rows = (
            (20, {"99490": 1}, "66.13"),
            (40, {"99490": 1, "99439": 1}, "116.57"),
            (60, {"99490": 1, "99439": 2}, "167.01"),
        )
        self.assert_chosen(
            (nurse, 0, choice, codes, amount)
            for choice in (HIGHEST, PRACTITIONER_FIRST, STAFF_FIRST)
            for nurse, codes, amount in rows
        )

    def test_highest_compares_amounts(self):
        self.assert_chosen(
            [
                (0, 20, HIGHEST, {"99490": 1}, "66.13"),
                (0, 30, HIGHEST, {"99491": 1}, "89.18"),
                (0, 39, HIGHEST, {"99491": 1}, "89.18"),
                # 99490 with one 99439 is worth more than 99491 …
                (0, 40, HIGHEST, {"99490": 1, "99439": 1}, "116.57"),
                # … and with two more than 99491 with 99437 (152.31)
                (0, 60, HIGHEST, {"99490": 1, "99439": 2}, "167.01"),
                (0, 89, HIGHEST, {"99490": 1, "99439": 2}, "167.01"),
                (0, 90, HIGHEST, {"99491": 1, "99437": 2}, "215.44"),
                (600, 29, HIGHEST, {"99490": 1, "99439": 2}, "167.01"),
                (10, 30, HIGHEST, {"99490": 1, "99439": 1}, "116.57"),
                (9, 30, HIGHEST, {"99491": 1}, "89.18"),
            ]
        )

    def test_highest_at_60_complex_minutes_is_still_the_staff_family(self):
        self.assert_chosen(
            [
                (60, 0, HIGHEST, {"99490": 1, "99439": 2}, "167.01"),  # 99487 gives 144.29
                (89, 0, HIGHEST, {"99490": 1, "99439": 2}, "167.01"),
                (90, 0, HIGHEST, {"99487": 1, "99489": 1}, "222.45"),
                (120, 0, HIGHEST, {"99487": 1, "99489": 2}, "300.61"),
                (0, 90, HIGHEST, {"99487": 1, "99489": 1}, "222.45"),  # 99491 gives 215.44
                (360, 0, HIGHEST, {"99487": 1, "99489": 10}, "925.89"),
            ],
            complex_mdm=True,
        )

    def test_practitioner_first(self):
        self.assert_chosen(
            [
                (0, 29, PRACTITIONER_FIRST, {"99490": 1}, "66.13"),
                (0, 30, PRACTITIONER_FIRST, {"99491": 1}, "89.18"),
                (30, 30, PRACTITIONER_FIRST, {"99491": 1}, "89.18"),
                (0, 60, PRACTITIONER_FIRST, {"99491": 1, "99437": 1}, "152.31"),
                (0, 90, PRACTITIONER_FIRST, {"99491": 1, "99437": 2}, "215.44"),
            ]
        )

    def test_practitioner_first_puts_complex_before_all(self):
        self.assert_chosen(
            [
                (0, 59, PRACTITIONER_FIRST, {"99491": 1}, "89.18"),
                (30, 30, PRACTITIONER_FIRST, {"99487": 1}, "144.29"),
                (0, 60, PRACTITIONER_FIRST, {"99487": 1}, "144.29"),
                (0, 90, PRACTITIONER_FIRST, {"99487": 1, "99489": 1}, "222.45"),
            ],
            complex_mdm=True,
        )

    def test_staff_first(self):
        self.assert_chosen(
            [
                (0, 30, STAFF_FIRST, {"99490": 1}, "66.13"),
                (0, 60, STAFF_FIRST, {"99490": 1, "99439": 2}, "167.01"),
                (0, 90, STAFF_FIRST, {"99490": 1, "99439": 2}, "167.01"),
            ]
        )

    def test_staff_first_puts_complex_before_all(self):
        self.assert_chosen(
            [
                (59, 0, STAFF_FIRST, {"99490": 1, "99439": 1}, "116.57"),
                (60, 0, STAFF_FIRST, {"99487": 1}, "144.29"),
                (0, 90, STAFF_FIRST, {"99487": 1, "99489": 1}, "222.45"),
            ],
            complex_mdm=True,
        )

    def test_an_equal_amount_goes_to_the_staff_code(self):
        decision = judge(
            work=(by_doctor("2026-07-06 09:00", "30:00"),),
            price_of=lambda _code, _day: Decimal(100),
        )
        self.assertEqual(bill(decision), {"99490": 1})

    def test_an_equal_amount_goes_to_the_code_that_needs_no_mdm(self):
        decision = judge(
            work=NURSE_60,
            complex_mdm=True,
            price_of=lambda code, _day: Decimal(100 if code in ("99490", "99487") else 0),
        )
        self.assertEqual(bill(decision), {"99490": 1, "99439": 2})

    def test_the_amount_is_units_times_price_with_g0506_beside(self):
        visit = Visit(
            DR_DOE, date(2026, 7, 2), "em_4", ccm_discussed=True, planning_beyond_visit=True
        )
        decision = judge(work=NURSE_60, visits=(visit,), enrollment=NEW_IN_JULY)
        self.assertEqual(bill(decision), {"99490": 1, "99439": 2, "G0506": 1})
        self.assertEqual([line.amount for line in decision.lines][1], 2 * FEES_2026["99439"])
        self.assertEqual(decision.amount, Decimal("233.48"))


@tagged("ccm_billing")
class TestReasons(BaseCase):
    """A line says why it is there, and an option out of reach why it is not."""

    def test_every_family_is_an_option_with_its_reason(self):
        decision = judge(work=(by_nurse("2026-07-06 09:00", "45:30"),))
        told = {
            option.family.base.code: (option.minutes, option.amount, option.reason.code)
            for option in decision.options
        }
        self.assertEqual(
            told,
            {
                "99487": (45, 0, "needs_mdm"),
                "99490": (45, Decimal("116.57"), "reached"),
                "99491": (0, 0, "too_few_minutes"),
            },
        )

    def test_too_few_minutes_says_how_many_there_are_and_how_many_are_needed(self):
        decision = judge(work=(by_nurse("2026-07-06 09:00", "19:59"),))
        option = next(o for o in decision.options if o.family.base.code == "99490")
        self.assertEqual(option.reason.params, {"code": "99490", "minutes": 19, "needed": 20})
        self.assertIsNone(decision.chosen)
        self.assertIsNone(decision.service_date)
        self.assertEqual(decision.amount, 0)

    def test_a_line_says_whose_minutes_made_it(self):
        nurse = judge(work=NURSE_60).lines[1].reason
        self.assertEqual(nurse.code, "staff_minutes")
        self.assertEqual(nurse.params, {"minutes": 60, "code": "99439", "units": 2})
        doctor = judge(work=(by_doctor("2026-07-06 09:00", "31:00"),)).lines[0].reason
        self.assertEqual(doctor.code, "personal_minutes")


@tagged("ccm_billing")
class TestNextSteps(BaseCase):
    """How much more work brings the next unit: the nearest for each kind of performer."""

    def steps(self, *work, **changes):
        """Return the steps without their amounts."""
        return [replace(s, amount=None) for s in judge(work=work, **changes).next_steps]

    def test_an_empty_month_is_20_minutes_from_its_first_code(self):
        self.assertEqual(
            self.steps(),
            [NextStep("99490", "staff", 20 * 60), NextStep("99491", "practitioner", 30 * 60)],
        )

    def test_the_last_second_is_told_as_one(self):
        self.assertEqual(
            self.steps(by_doctor("2026-07-06 09:00", "19:59")),
            [NextStep("99490", "staff", 1), NextStep("99491", "practitioner", 10 * 60 + 1)],
        )

    def test_after_the_base_code_comes_its_addon(self):
        self.assertEqual(
            self.steps(by_nurse("2026-07-06 09:00", "25:00")),
            [NextStep("99439", "staff", 15 * 60), NextStep("99491", "practitioner", 30 * 60)],
        )

    def test_a_full_staff_family_has_no_next_step(self):
        self.assertEqual(self.steps(*NURSE_60), [NextStep("99491", "practitioner", 30 * 60)])

    def test_complex_goes_on_where_the_staff_family_ends_but_only_with_mdm(self):
        self.assertEqual(
            self.steps(*NURSE_60, complex_mdm=True),
            [NextStep("99489", "staff", 30 * 60), NextStep("99491", "practitioner", 30 * 60)],
        )

    def test_when_all_is_reached_there_is_nothing_left_to_do(self):
        self.assertEqual(self.steps(by_doctor("2026-07-06 00:00", "360:00"), complex_mdm=True), [])

    def gains(self, choice, *work, **changes):
        """Return ``{code: what reaching it adds to the bill}``."""
        steps = judge(choice, work=work, **changes).next_steps
        return {step.code: step.amount and str(step.amount) for step in steps}

    def test_the_first_code_adds_its_whole_price(self):
        self.assertEqual(self.gains(HIGHEST), {"99490": "66.13", "99491": "89.18"})

    def test_an_addon_adds_its_own_price(self):
        nurse = by_nurse("2026-07-06 09:00", "25:00")
        self.assertEqual(self.gains(HIGHEST, nurse)["99439"], "50.44")

    def test_another_family_adds_only_what_it_pays_more(self):
        doctor = by_doctor("2026-07-06 09:00", "25:00")
        self.assertEqual(self.gains(HIGHEST, doctor), {"99491": "23.05", "99439": "50.44"})

    def test_a_code_that_would_not_be_billed_adds_nothing(self):
        """60 staff minutes are worth more than the practitioner's 30."""
        doctor = by_doctor("2026-07-07 09:00", "1:00")
        self.assertEqual(judge(work=(*NURSE_60, doctor)).next_steps[0].amount, 0)

    def test_a_choice_may_cost_money_and_the_step_says_so(self):
        work = (*NURSE_60, by_doctor("2026-07-07 09:00", "1:00"))
        self.assertEqual(self.gains(PRACTITIONER_FIRST, *work), {"99491": "-77.83"})

    def test_without_a_price_nothing_is_promised(self):
        self.assertEqual(
            self.gains(HIGHEST, price_of=lambda code, day: None), {"99490": None, "99491": None}
        )
