from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..billing import fees

CODES = ("99490", "99439", "99491", "99437", "99487", "99489", "G0506")
JULY_2025, JULY_2026 = date(2025, 7, 31), date(2026, 7, 31)


def dollars(*amounts):
    """{code: Decimal} of the catalogue, in its order."""
    return dict(zip(CODES, map(Decimal, amounts), strict=True))


NATIONAL_2025 = dollars("60.49", "45.93", "82.16", "57.58", "131.65", "70.52", "60.81")
NATIONAL_2026 = dollars("66.13", "50.44", "89.18", "63.13", "144.29", "78.16", "66.47")
NATIONAL_2026_QP = dollars("66.46", "50.69", "89.63", "63.44", "145.01", "78.55", "66.80")
FACILITY_2025 = dollars("47.87", "32.99", "72.46", "47.87", "87.01", "47.23", "41.73")
FACILITY_2026 = dollars("43.76", "30.73", "65.47", "43.76", "79.16", "43.76", "38.41")


@tagged("at_install")
class TestAmount(BaseCase):
    def test_half_a_cent_goes_up(self):
        one = Decimal(1)
        rvu = fees.Rvu(one, Decimal(0), Decimal(0), Decimal(0))
        self.assertEqual(fees.amount(rvu, fees.NATIONAL, Decimal("0.125"), False), Decimal("0.13"))

    def test_wisconsin_2026(self):
        """By hand: (1.00 × 1 + 0.91 × 0.958 + 0.07 × 0.308) × 33.4009 = 63.2390."""
        rvu = fees.Rvu(*map(Decimal, ("1.00", "0.91", "0.24", "0.07")))
        wisconsin = fees.Gpci(*map(Decimal, ("1.000", "0.958", "0.308")))
        self.assertEqual(fees.amount(rvu, wisconsin, Decimal("33.4009"), False), Decimal("63.24"))


class FeeCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedules = cls.env["ccm.fee.schedule"]
        cls.company = cls.env.company
        cls.company.write(
            {
                "ccm_locality_id": False,
                "ccm_conversion": "nonqp",
                "ccm_place_of_service": "11",
                "currency_id": cls.env.ref("base.USD").id,
            }
        )

    def amounts(self, day, codes=CODES, company=None):
        return self.schedules._get_amounts(company or self.company, codes, day)

    def wisconsin(self, **values):
        return self.env["ccm.locality"].create(
            {
                "mac": "06302",
                "number": "00",
                "state": "WI",
                "name": "WISCONSIN",
                "gpci_ids": [
                    Command.create(
                        {
                            "date_from": date(2026, 1, 1),
                            "date_to": date(2026, 12, 31),
                            "work": 1.0,
                            "pe": 0.958,
                            "malpractice": 0.308,
                            **values,
                        }
                    )
                ],
            }
        )


@tagged("post_install", "-at_install")
class TestFeeSchedule(FeeCase):
    def test_national_amounts(self):
        """Against published amounts of 2025, and 2026 worked out from the same formula."""
        self.assertEqual(self.amounts(JULY_2025), NATIONAL_2025)
        self.assertEqual(self.amounts(JULY_2026), NATIONAL_2026)

    def test_the_year_turns_at_midnight(self):
        days = (date(2025, 12, 31), date(2026, 1, 1))
        amounts = [self.amounts(day, ["99490"])["99490"] for day in days]
        self.assertEqual(amounts, [Decimal("60.49"), Decimal("66.13")])

    def test_a_qualifying_participant(self):
        self.company.ccm_conversion = "qp"
        self.assertEqual(self.amounts(JULY_2026), NATIONAL_2026_QP)
        self.assertEqual(self.amounts(JULY_2025), NATIONAL_2025, "one factor for all in 2025")

    def test_a_facility(self):
        for place in ("19", "22"):
            self.company.ccm_place_of_service = place
            self.assertEqual(self.amounts(JULY_2025), FACILITY_2025)
            self.assertEqual(self.amounts(JULY_2026), FACILITY_2026)

    def test_a_locality(self):
        self.company.ccm_locality_id = self.wisconsin()
        amounts = self.amounts(JULY_2026)
        self.assertEqual(
            {code: str(amounts[code]) for code in ("99490", "99439", "99487", "99491")},
            {"99490": "63.24", "99439": "48.21", "99487": "137.95", "99491": "85.59"},
        )

    def test_nothing_is_guessed(self):
        """No schedule, no index, no factor, no figure: no amount, not last year's."""
        self.assertEqual(self.amounts(date(2024, 12, 31)), {})
        self.assertEqual(self.amounts(date(2027, 1, 1)), {})
        self.assertEqual(self.amounts(JULY_2026, ["99213", "99490"]).keys(), {"99490"})
        schedule = self.schedules.search([("date_from", "=", date(2026, 1, 1))])
        schedule.rvu_ids.filtered(lambda rvu: rvu.code == "99439").status = "C"  # set by contractor
        self.assertNotIn("99439", self.amounts(JULY_2026))
        schedule.conversion_factor_qp = 0
        self.company.ccm_conversion = "qp"
        self.assertEqual(self.amounts(JULY_2026), {})
        self.company.write({"ccm_conversion": "nonqp", "ccm_locality_id": self.wisconsin().id})
        self.assertEqual(self.amounts(JULY_2025), {}, "no indices of 2025 for Wisconsin")

    def test_a_corrected_figure_counts_at_once(self):
        self.assertEqual(self.amounts(JULY_2026, ["99490"]), {"99490": Decimal("66.13")})
        rvu = self.env["ccm.fee.rvu"].search(
            [("code", "=", "99490"), ("schedule_id.date_from", "=", date(2026, 1, 1))]
        )
        rvu.work = 1.1
        self.assertEqual(self.amounts(JULY_2026, ["99490"]), {"99490": Decimal("69.47")})

    def test_companies_differ(self):
        clinic = self.env["res.company"].create(
            {"name": "Hospital clinic", "ccm_place_of_service": "22", "ccm_conversion": "qp"}
        )
        self.assertEqual(self.amounts(JULY_2026, ["99490"], clinic), {"99490": Decimal("43.97")})
        self.assertEqual(self.amounts(JULY_2026, ["99490"]), {"99490": Decimal("66.13")})

    def test_a_fixed_number_of_queries(self):
        self.company.ccm_locality_id = self.wisconsin()
        self.env.flush_all()
        self.company.ccm_place_of_service, self.company.ccm_conversion  # noqa: B018 - read ahead
        for codes in (["99490"], CODES):
            self.env.registry.clear_cache()
            # schedule, its relative values, the locality's indices
            with self.assertQueryCount(3):
                self.amounts(JULY_2026, codes)
        with self.assertQueryCount(0):
            self.amounts(JULY_2026)

    @mute_logger("odoo.sql_db")
    def test_one_schedule_a_day(self):
        with self.assertRaisesRegex(IntegrityError, "ccm_fee_schedule_no_overlap"):
            self.schedules.create(
                {"name": "Twice", "date_from": date(2026, 6, 1), "conversion_factor": 33}
            )

    @mute_logger("odoo.sql_db")
    def test_one_set_of_indices_a_day(self):
        wisconsin = self.wisconsin()
        with self.assertRaisesRegex(IntegrityError, "ccm_locality_gpci_no_overlap"):
            wisconsin.gpci_ids.copy({"date_from": date(2026, 12, 31)})

    def test_who_may_do_what(self):
        schedule = self.schedules.search([], limit=1)
        for group in ("ccm_auditor", "ccm_biller"):
            user = new_test_user(self.env, group, groups=f"ccm_module.group_{group}")
            self.assertTrue(schedule.with_user(user).rvu_ids.mapped("work"))
            with self.assertRaises(AccessError):
                schedule.with_user(user).conversion_factor = 99
        nurse = new_test_user(self.env, "nurse", groups="ccm_module.group_ccm_user")
        with self.assertRaises(AccessError):
            schedule.with_user(nurse).read(["conversion_factor"])
        manager = new_test_user(self.env, "boss", groups="ccm_module.group_ccm_manager")
        schedule.with_user(manager).source = "Checked against CMS"


@tagged("post_install", "-at_install")
class TestFeePricelist(FeeCase):
    """A payer's pricelist works on top of the fee of the day of service, as Odoo's always do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.code = cls.env["ccm.service.code"].search([("code", "=", "99490")], limit=1)
        cls.product = cls.code.product_id
        cls.product.list_price = 11.11  # must not matter

    def price(self, day=JULY_2026, product=None, pricelist=None, **values):
        if pricelist is None:
            rules = [Command.create(values)] if values else []
            pricelist = self.env["product.pricelist"].create(
                {"name": "Payer", "item_ids": rules, "currency_id": self.company.currency_id.id}
            )
        return pricelist._get_product_price(product or self.product, 1.0, date=day)

    def test_no_pricelist(self):
        none = self.env["product.pricelist"]
        self.assertAlmostEqual(self.price(pricelist=none), 66.13)
        self.assertAlmostEqual(self.price(JULY_2025, pricelist=none), 60.49)

    def test_a_pricelist_without_rules(self):
        self.assertAlmostEqual(self.price(), 66.13)

    def test_a_fixed_price(self):
        rule = {"applied_on": "0_product_variant", "product_id": self.product.id}
        self.assertAlmostEqual(self.price(**rule, compute_price="fixed", fixed_price=70), 70)

    def test_ten_percent_less_than_medicare(self):
        discount = {"compute_price": "percentage", "percent_price": 10}
        self.assertAlmostEqual(self.price(**discount), 66.13 * 0.9)
        self.assertAlmostEqual(self.price(JULY_2025, **discount), 60.49 * 0.9)

    def test_a_formula(self):
        """120 % of Medicare, and 5 dollars on top: what a commercial payer may have agreed."""
        formula = {"compute_price": "formula", "price_discount": -20, "price_surcharge": 5}
        self.assertAlmostEqual(self.price(**formula), 66.13 * 1.2 + 5)

    def test_a_pricelist_on_a_pricelist(self):
        medicare = self.env["product.pricelist"].create({"name": "Medicare"})
        rule = {"compute_price": "formula", "base": "pricelist", "base_pricelist_id": medicare.id}
        self.assertAlmostEqual(self.price(**rule, price_discount=50), 66.13 / 2)

    def test_a_rule_of_some_months(self):
        rule = {
            "compute_price": "percentage",
            "percent_price": 50,
            "date_start": "2026-01-01 00:00:00",
            "date_end": "2026-06-30 23:59:59",
        }
        self.assertAlmostEqual(self.price(date(2026, 6, 30), **rule), 66.13 / 2, places=2)
        self.assertAlmostEqual(self.price(date(2026, 7, 1), **rule), 66.13)

    def test_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.write({"active": True, "rate_ids": [Command.clear()]})
        euro.rate_ids = [Command.create({"name": "2026-01-01", "rate": 0.8})]
        pricelist = self.env["product.pricelist"].create({"name": "€", "currency_id": euro.id})
        self.assertAlmostEqual(self.price(pricelist=pricelist), 66.13 * 0.8, places=2)

    def test_a_company_of_another_currency(self):
        """Medicare pays dollars whatever the books are kept in."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        dollar = self.env.ref("base.USD")
        rate = {"name": "2026-01-01", "company_id": abroad.id, "rate": 1.25}
        dollar.write({"rate_ids": [Command.create(rate)]})
        product = self.product.with_company(abroad)
        pricelist = self.env["product.pricelist"].with_company(abroad)
        self.assertAlmostEqual(
            self.price(product=product, pricelist=pricelist), 66.13 / 1.25, places=2
        )

    def test_a_day_without_a_fee_costs_nothing_rather_than_a_guess(self):
        self.assertEqual(self.price(date(2027, 1, 31)), 0)

    def test_a_code_that_medicare_never_priced_keeps_its_products_price(self):
        self.code.copy({"code": "S0316", "date_from": False, "product_id": self.product.copy().id})
        program = self.env["ccm.service.code"].search([("code", "=", "S0316")]).product_id
        program.list_price = 42
        self.assertAlmostEqual(self.price(product=program), 42)

    def test_other_products_are_as_ever(self):
        scale = self.env["product.product"].create({"name": "Scale", "list_price": 30})
        self.assertAlmostEqual(self.price(product=scale), 30)

    def test_a_seller_who_sees_no_ccm_data(self):
        seller = new_test_user(self.env, "seller", groups="base.group_user")
        product = self.product.with_user(seller)
        prices = product._price_compute("list_price", date=JULY_2026)
        self.assertAlmostEqual(prices[product.id], 66.13)
