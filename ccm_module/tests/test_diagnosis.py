from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger


class DiagnosisCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nurse = new_test_user(cls.env, "nurse", groups="ccm_module.group_ccm_user")
        cls.biller = new_test_user(cls.env, "biller", groups="ccm_module.group_ccm_biller")
        cls.manager = new_test_user(cls.env, "manager", groups="ccm_module.group_ccm_manager")
        cls.diagnoses = cls.env["ccm.diagnosis"]

    def diagnosis(self, code):
        return self.diagnoses.with_context(active_test=False).search([("code", "=", code)])

    def typed(self, text, limit=8, **context):
        """What a nurse is offered for what she types: the display names, in order."""
        diagnoses = self.diagnoses.with_user(self.nurse).with_context(**context)
        return [name for _id, name in diagnoses.name_search(text, limit=limit)]


@tagged("post_install", "-at_install")
class TestDiagnosisSearch(DiagnosisCase):
    def test_a_code_with_or_without_its_dot(self):
        name = "E11.9 Type 2 diabetes mellitus without complications"
        for text in ("E11.9", "e11.9", "E119", "e119", " E11.9 "):
            self.assertEqual(self.typed(text), [name], text)

    def test_the_codes_that_begin_so_come_in_order(self):
        codes = [name.split()[0] for name in self.typed("i1", limit=3)]
        self.assertEqual(codes, ["I10", "I11.0", "I11.9"])

    def test_the_exact_code_is_first_where_longer_ones_exist(self):
        codes = [name.split()[0] for name in self.typed("M1A.00")]
        self.assertEqual(codes, ["M1A.00X0", "M1A.00X1"])
        self.assertEqual(self.typed("n18.3")[0].split()[0], "N18.30")
        self.assertEqual(self.typed("I10")[0], "I10 Essential (primary) hypertension")

    def test_a_code_with_a_letter_second(self):
        self.assertTrue(self.typed("qa00101")[0].startswith("QA0.0101 SCN2A-related"))

    def test_before_anything_is_typed_what_the_patients_have(self):
        patients = self.env["res.partner"].create(
            [{"name": name, "is_ccm_patient": True, "ccm_birthdate": "1950-03-14"} for name in "AB"]
        )
        codes = {"A": ("I10", "E11.9"), "B": ("I10", "S93.401A")}
        self.env["ccm.condition"].create(
            [
                {"partner_id": one.id, "diagnosis_id": self.diagnosis(code).id}
                for one in patients
                for code in codes[one.name]
            ]
        )
        others = self.env["ccm.condition"].search([("partner_id", "not in", patients.ids)])
        others.status = "inactive"
        offered = [name.split()[0] for name in self.typed("")]
        self.assertEqual(offered[0], "I10", "the most frequent")
        self.assertEqual(set(offered[1:3]), {"E11.9", "S93.401A"})
        self.assertEqual(len(offered), 8)
        chronic = self.diagnoses.browse([pair[0] for pair in self.diagnoses.name_search("")[3:]])
        self.assertEqual(set(chronic.mapped("chronicity")), {"chronic"}, "then what is chronic")
        self.assertEqual(len(self.typed("", limit=3)), 3)

    def test_words_in_any_order(self):
        kidney = "E11.22 Type 2 diabetes mellitus with diabetic chronic kidney disease"
        for text in ("type 2 diabetes chronic kidney", "kidney chronic, diabetes type 2"):
            self.assertEqual(self.typed(text), [kidney], text)

    def test_a_code_together_with_words(self):
        codes = [name.split()[0] for name in self.typed("e11 kidney")]
        self.assertEqual(codes, ["E11.22", "E11.29"])

    def test_a_word_that_could_be_a_code_finds_names_too(self):
        self.assertIn("R05.3 Chronic cough", self.typed("cough"))
        self.assertIn("J81.1 Chronic pulmonary edema", self.typed("edema"))

    def test_plain_chronic_conditions_come_first_among_words(self):
        """Or "heart failure" would begin with rheumatic fever, and "kidney" with tuberculosis."""
        for text, wanted in {
            "chronic kidney disease": "N18.9 Chronic kidney disease, unspecified",
            "heart failure": "I50.9 Heart failure, unspecified",
            "asthma": "J45.909 Unspecified asthma, uncomplicated",
            "atrial fibrillation": "I48.91 Unspecified atrial fibrillation",
        }.items():
            self.assertIn(wanted, self.typed(text), text)

    def test_accents_do_not_matter(self):
        self.assertEqual(self.typed("Sjögren"), self.typed("sjogren"))
        self.diagnosis("M35.00").name = "Sjögren, wie die Praxis schreibt"
        for text in ("Sjögren wie", "praxis wie"):
            self.assertEqual(self.typed(text), ["M35.00 Sjögren, wie die Praxis schreibt"], text)

    def test_text_that_means_something_to_sql_is_only_text(self):
        for text in ("%", "_", "'; DROP TABLE ccm_diagnosis; --", "\\", "\x00", "(", "*"):
            self.assertEqual(self.typed(text), [], text)
        self.assertEqual(self.typed("x" * 100_000), [])
        for name in self.typed("100%"):
            self.assertIn("100%", name)

    def test_only_codes_valid_on_the_day_of_service(self):
        ended = self.diagnosis("E11.9")
        ended.write({"date_from": date(2025, 10, 1), "date_to": date(2026, 3, 31)})
        self.assertEqual(self.typed("E11.9", ccm_service_date="2026-03-31"), [ended.display_name])
        self.assertEqual(self.typed("E11.9", ccm_service_date=date(2026, 4, 1)), [])
        self.assertEqual(self.typed("E11.9", ccm_service_date="2025-09-30"), [])
        # the record keeps its name, and a list still finds it
        self.assertEqual(ended.display_name, "E11.9 Type 2 diabetes mellitus without complications")
        self.assertIn(ended, self.diagnoses.search([("display_name", "ilike", "E11.9")]))

    def test_a_list_finds_what_typing_offers(self):
        for text in ("e11", "kidney diabetes", "E11 kidney", "Sjögren"):
            offered = [pair[0] for pair in self.diagnoses.name_search(text, limit=None)]
            found = self.diagnoses.search([("display_name", "ilike", text)])
            self.assertEqual(set(offered), set(found.ids), text)
        everything = self.diagnoses.search_count([])
        some = self.diagnoses.search_count([("display_name", "ilike", "kidney")])
        others = self.diagnoses.search_count([("display_name", "not ilike", "kidney")])
        self.assertEqual(some + others, everything)

    def test_an_import_names_a_diagnosis_by_its_code_or_its_full_name(self):
        wanted = self.diagnosis("I10")
        for text in ("I10", "i10", "I10 Essential (primary) hypertension"):
            self.assertEqual(self.diagnoses.search([("display_name", "=", text)]), wanted, text)
        self.assertFalse(self.diagnoses.search([("display_name", "=", "I10 Something else")]))

    def test_a_condition_field_offers_further_conditions_of_the_caller(self):
        chronic = [("chronicity", "=", "chronic")]
        offered = self.diagnoses.name_search("cough", chronic, limit=50)
        self.assertNotIn(self.diagnosis("R05.1").id, dict(offered))

    def test_typing_does_not_read_the_whole_table(self):
        [(like, order)] = self.diagnoses._searches_like("chronic kidney")
        query = self.diagnoses._search(like)
        query.order, query.limit = order, 8
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("ccm_diagnosis_name_trigram_idx", str(plan))


@tagged("post_install", "-at_install")
class TestDiagnosisList(DiagnosisCase):
    def test_the_shipped_list_is_whole(self):
        shipped = self.diagnoses.with_context(active_test=False)
        self.assertEqual(shipped.search_count([("release", "=", "FY2026")]), 74_719)
        flags = dict(shipped._read_group([], ["chronicity"], ["__count"]))
        self.assertEqual(flags, {"chronic": 12_273, "acute": 51_278, "undetermined": 11_168})
        for code, chronicity in {
            "E11.9": "chronic",
            "I10": "chronic",
            "F32.A": "acute",  # AHRQ's view in v2023-1 and v2026-1 alike
            "J00": "acute",
            "A41.54": "undetermined",  # newer than v2023-1
        }.items():
            self.assertEqual(self.diagnosis(code).chronicity, chronicity, code)
        # how old the codes of the first release are is not known here, so it limits no bill
        self.assertFalse(self.diagnosis("I10").date_from)

    def test_names_are_those_of_cdc(self):
        # synonyms of the seventh character and accents are left out, as in icd10cm-codes
        self.assertEqual(
            self.diagnosis("H34.8112").name, "Central retinal vein occlusion, right eye, stable"
        )
        self.assertEqual(self.diagnosis("M35.0C").name, "Sjogren syndrome with dental involvement")

    def test_loading_it_again_costs_nothing(self):
        before = self.env["ccm.data.release"].search_count([])
        with self.assertQueryCount(4):
            self.env["ccm.diagnosis.loader"]._load_shipped()
        self.assertEqual(self.env["ccm.data.release"].search_count([]), before)

    def test_what_was_loaded_is_on_record(self):
        releases = self.env["ccm.data.release"].search([("kind", "in", ("icd10cm", "ccir"))])
        self.assertEqual(set(releases.mapped("name")), {"FY2026", "CCIR v2023-1"})
        self.assertEqual(set(releases.mapped("rows")), {74_719})
        with self.assertRaises(AccessError):
            releases.with_user(self.manager)[0].name = "something else"

    def test_the_practice_changes_a_description(self):
        hypertension = self.diagnosis("I10").with_user(self.manager)
        self.assertFalse(hypertension.customized)
        hypertension.name = "High blood pressure"
        self.assertTrue(hypertension.customized)
        self.assertEqual(self.typed("I10"), ["I10 High blood pressure"])
        other = self.diagnosis("E11.9")
        other.date_to = date(2030, 1, 1)
        self.assertFalse(other.customized, "an end date is no change of the code's meaning")

    def test_the_practice_adds_a_code(self):
        added = self.diagnoses.with_user(self.manager).create({"code": "z999a", "name": "Ours"})
        self.assertEqual(added.code, "Z99.9A")
        self.assertTrue(added.customized)
        self.assertEqual(self.typed("Z99.9A"), ["Z99.9A Ours"])

    @mute_logger("odoo.sql_db")
    def test_a_code_exists_once(self):
        with self.assertRaises(IntegrityError):
            self.diagnoses.create({"code": "i10", "name": "Again"})

    @mute_logger("odoo.sql_db")
    def test_a_code_cannot_end_before_it_begins(self):
        with self.assertRaises(IntegrityError):
            self.diagnosis("I10").write(
                {"date_from": date(2025, 10, 1), "date_to": date(2025, 9, 30)}
            )

    def test_who_may_do_what(self):
        for user in (self.nurse, self.biller):
            hypertension = self.diagnosis("I10").with_user(user)
            self.assertEqual(hypertension.code, "I10")
            with self.assertRaises(AccessError):
                hypertension.name = "x"
        with self.assertRaises(AccessError):
            self.diagnosis("I10").with_user(self.manager).unlink()
