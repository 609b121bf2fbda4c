import base64
from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from ..readers import ccir, gpci, icd10cm, rvu
from ..readers.base import FileProblem, decode
from . import publishers
from .test_diagnosis import DiagnosisCase


def texts(reading):
    """The problems of a reading as (line, text)."""
    return [(problem.line, str(problem.text)) for problem in reading.problems]


@tagged("at_install")
class TestReaders(BaseCase):
    def test_cdc_codes(self):
        content = publishers.icd10cm_codes({"E119": "Type 2 diabetes", "QA00101": "Sjögren’s"})
        reading = icd10cm.read(decode(content))
        self.assertEqual(reading.rows[0], ("E119", None, "Type 2 diabetes"))
        self.assertEqual(reading.rows[1][0], "QA00101")
        self.assertFalse(reading.problems)

    def test_cdc_order_file_has_headings(self):
        content = publishers.icd10cm_order({"A000": "Cholera, classical"}, headings=["A00"])
        self.assertEqual(icd10cm.read(decode(content)).rows, [("A000", None, "Cholera, classical")])

    def test_every_bad_line_is_named(self):
        lines = ["E119    Diabetes", "", "E11.9   With a dot", "E119    Again", "I10", "12345   No"]
        self.assertEqual(
            texts(icd10cm.read(lines)),
            [
                (3, "not a code and its description"),
                (4, "E119 is in line 1 already"),
                (5, "not a code and its description"),
                (6, "not a code and its description"),
            ],
        )

    def test_ahrq_flags(self):
        reading = ccir.read(decode(publishers.ccir({"E119": "1", "J00": "0", "A4154": "9"})))
        self.assertEqual(
            reading.rows, [("E119", "1", None), ("J00", "0", None), ("A4154", "9", None)]
        )
        reading = ccir.read(decode(publishers.ccir({"E119": "2", "E11.9": "1"})))
        self.assertEqual(
            texts(reading),
            [(4, "the flag of E119 is “2”, not 0, 1 or 9"), (5, "“E11.9” is not a diagnosis code")],
        )

    def test_flags_in_a_plain_layout(self):
        reading = ccir.read(["code,ccir_2026_1", "E119,1", "A4154,"])
        self.assertEqual(reading.rows, [("E119", "1", None)], "an empty flag says nothing")

    def test_cms_relative_values(self):
        content = publishers.pprrvu(
            [
                ("99490", "", "A", "1.00", ".91", ".24", ".07"),
                ("93000", "26", "A", "0.17", "0.06", "0.06", "0.01"),
            ]
        )
        reading = rvu.read(decode(content))
        figures = tuple(map(Decimal, ("1.00", ".91", ".24", ".07")))
        self.assertEqual(reading.rows, [("99490", "A", *figures)])
        self.assertEqual(reading.facts, {"factor": Decimal("33.4009")})

    def test_cms_relative_values_that_cannot_be(self):
        for figure in ("x", "-1", "NaN", "1e9", "inf"):
            content = publishers.pprrvu([("99490", "", "A", figure, "0", "0", "0")])
            self.assertEqual(
                texts(rvu.read(decode(content))), [(8, "99490 has a figure that is not a number")]
            )
        with self.assertRaisesRegex(FileProblem, "lacks these columns: WORK RVU, CONV FACTOR"):
            rvu.read(["HCPCS,STATUS,NONFAC_PE,FAC_PE,MP", "99490,A,1,1,1"])

    def test_one_conversion_factor_a_file(self):
        lines = ["code,status,work_rvu,nonfac_pe,fac_pe,mp,conv_factor", "99490,A,1,1,1,1,33.4009"]
        reading = rvu.read([*lines, "99439,A,1,1,1,1,33.5675"])
        self.assertEqual(
            texts(reading), [(3, "the conversion factor differs from that of the lines above")]
        )

    def test_cms_localities(self):
        rows = [("6302", "WI", "0", "WISCONSIN**", "1", "0.958", "0.308")]
        for without_floor in (False, True):
            reading = gpci.read(decode(publishers.gpci(rows, without_floor)))
            indices = (Decimal(1), Decimal("0.958"), Decimal("0.308"))
            self.assertEqual(reading.rows, [("06302", "WI", "00", "WISCONSIN", *indices)])
        bad = gpci.read(decode(publishers.gpci([("06302", "WI", "00", "WI", "0", "1", "1")])))
        self.assertEqual(texts(bad), [(4, "an index is not a number above 0 and below 5")])

    def test_files_that_are_no_text(self):
        good = publishers.icd10cm_codes({"E119": "Diabetes", "I10": "Hypertension"})
        for content, why in {
            b"": "empty",
            b" \r\n\r\n": "empty",
            b"PK\x03\x04rest": "ZIP or Excel",
            b"%PDF-1.7": "PDF",
            b"\x1f\x8b\x08": "gzip",
            good.decode().encode("utf-16"): "UTF-16",
            good.decode().encode("utf-16-le"): "line 1 has control characters",
            good + b"J00     \x01\n": "line 3 has control characters",
            b"E119    \x81\x8d\x8f": "not a text file",
            b"x" * 40_000_001: "none of these files has more than 40 MB",
        }.items():
            with self.assertRaisesRegex(FileProblem, why):
                decode(content)

    def test_marks_and_line_ends_of_other_systems(self):
        lines = ["E119    Diabetes", "I10     Hypertension"]
        for content in (
            "\n".join(lines).encode("utf-8-sig"),
            "\r\n".join(lines).encode() + b"\r\n\x1a",
            "\r".join(lines).encode(),
        ):
            self.assertEqual(decode(content), lines)

    def test_another_publishers_file(self):
        budget = ["Month,Costs", "January,100"]
        for reader in (icd10cm, ccir, rvu, gpci):
            with self.assertRaises(FileProblem):
                reader.read(budget)


@tagged("post_install", "-at_install")
class TestDataImport(DiagnosisCase):
    def upload(self, kind, content, name="Test", effective_date=date(2026, 10, 1), **values):
        return (
            self.env["ccm.data.import"]
            .with_user(self.manager)
            .create(
                {
                    "kind": kind,
                    "file": base64.b64encode(content),
                    "name": name,
                    "effective_date": effective_date,
                    **values,
                }
            )
        )

    def listed(self):
        """{code without dot: description} of the list as it is."""
        rows = self.env.execute_query_dict(
            self.diagnoses._search([("date_to", "=", False)]).select("code", "name")
        )
        return {row["code"].replace(".", ""): row["name"] for row in rows}

    def test_next_year(self):
        """FY2027: a new code, one fewer, one back, one renamed; the practice's own words stay."""
        self.diagnosis("I10").name = "High blood pressure"
        codes = self.listed()
        self.diagnosis("E11.9").date_to = date(2026, 3, 31)
        codes |= {"E11B": "A new kind of diabetes", "J00": "Common cold", "I10": "Renamed by CDC"}
        del codes["A000"]
        wizard = self.upload("icd10cm", publishers.icd10cm_codes(codes), "FY2027")

        wizard.action_check()
        self.assertEqual(wizard.state, "good", wizard.problems)
        self.assertEqual(
            wizard.summary.splitlines(),
            [
                "74719 usable rows",
                "1 new codes",
                "1 codes end",
                "2 codes change",
                "1 codes keep the practice's own description",
            ],
        )
        self.assertFalse(self.diagnosis("E11.B"), "a look changes nothing")

        action = wizard.action_load()
        release = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(
            (release.name, release.rows, release.added, release.changed, release.ended),
            ("FY2027", 74_719, 1, 2, 1),
        )
        self.assertEqual(release.loaded_by_id, self.manager)
        new, gone = self.diagnosis("E11.B"), self.diagnosis("A00.0")
        self.assertEqual((new.date_from, new.chronicity), (date(2026, 10, 1), "undetermined"))
        self.assertEqual((gone.date_to, gone.release), (date(2026, 9, 30), "FY2026"))
        self.assertTrue(gone.display_name.startswith("A00.0 Cholera"))
        self.assertEqual(self.diagnosis("J00").name, "Common cold")
        self.assertFalse(self.diagnosis("J00").date_from)
        self.assertEqual(self.diagnosis("I10").name, "High blood pressure")
        self.assertEqual(self.diagnosis("I10").release, "FY2027")
        back = self.diagnosis("E11.9")
        self.assertEqual((back.date_from, back.date_to), (date(2026, 10, 1), False))
        self.assertEqual(back.chronicity, "chronic", "flags stay")

        # an update of the addon, which ships FY2026, leaves the newer release alone
        self.env["ccm.diagnosis.loader"]._load_shipped()
        self.assertEqual(self.diagnosis("J00").release, "FY2027")
        # and nobody undoes it with an older file
        wizard = self.upload(
            "icd10cm", publishers.icd10cm_codes(codes), "FY2026", date(2025, 10, 1)
        )
        wizard.action_load()
        self.assertIn("FY2027, valid from 2026-10-01, is loaded already", wizard.problems)

    def test_a_part_of_a_release_is_no_release(self):
        wizard = self.upload("icd10cm", publishers.icd10cm_codes({"E119": "Diabetes"}))
        for action in (wizard.action_check, wizard.action_load):
            action()
            self.assertEqual(wizard.state, "bad")
            self.assertIn("lacks 74718 of the 74719 codes that are valid now", wizard.problems)
        self.assertEqual(self.diagnosis("E11.9").release, "FY2026")

    def test_all_or_nothing(self):
        """Three bad lines among three hundred good ones: all are named and nothing is loaded."""
        codes = {f"Z{number:03}": "New" for number in range(300)}
        content = publishers.icd10cm_codes(codes) + b"oops\nZ001    Again\n1       ?\n"
        before = self.env["ccm.data.release"].search_count([])
        wizard = self.upload("icd10cm", content)
        wizard.action_load()
        self.assertEqual(wizard.state, "bad")
        self.assertEqual(
            wizard.problems.splitlines(),
            [
                "Line 301: not a code and its description",
                "Line 302: Z001 is in line 2 already",
                "Line 303: not a code and its description",
            ],
        )
        self.assertFalse(self.diagnosis("Z00.1"))
        self.assertEqual(self.env["ccm.data.release"].search_count([]), before)

    def test_very_many_bad_lines(self):
        content = publishers.icd10cm_codes({"E119": "Diabetes"}) + b"oops\n" * 1000
        wizard = self.upload("icd10cm", content)
        wizard.action_check()
        self.assertIn("… and 800 more", wizard.problems)
        whole = base64.b64decode(wizard.problem_file).decode()
        self.assertEqual(whole.splitlines()[-1], "Line 1001: not a code and its description")

    def test_new_chronic_flags(self):
        self.diagnosis("J00").chronicity = "undetermined"
        flags = {"E119": "9", "A4154": "1", "J00": "1", "I10": "1", "X999Z": "0"}
        wizard = self.upload("ccir", publishers.ccir(flags), "CCIR v2027-1")
        wizard.action_check()
        self.assertEqual(
            wizard.summary.splitlines(),
            [
                "5 usable rows",
                "2 chronic flags change",
                "1 codes keep the practice's own chronic flag",
                "1 codes are not in the list of diagnoses",
            ],
        )
        wizard.action_load()
        flags = {code: self.diagnosis(code).chronicity for code in ("E11.9", "A41.54", "J00")}
        self.assertEqual(
            flags, {"E11.9": "undetermined", "A41.54": "chronic", "J00": "undetermined"}
        )
        self.assertEqual(self.diagnosis("I10").chronicity_release, "CCIR v2027-1")
        self.assertEqual(self.diagnosis("I11.9").chronicity_release, "CCIR v2023-1")
        self.env["ccm.diagnosis.loader"]._load_shipped()
        self.assertEqual(self.diagnosis("A41.54").chronicity, "chronic")

    def test_a_new_year_of_fees(self):
        rows = [
            ("99490", "", "A", "1.01", "0.90", "0.25", "0.07"),
            ("99484", "", "A", "0.93", "0.73", "0.17", "0.06"),
            ("99213", "", "A", "1.30", "1.40", "0.50", "0.09"),
        ]
        content = publishers.pprrvu(rows, factor="32.8400")
        wizard = self.upload("rvu", content, "RVU 2027", date(2027, 1, 1), all_care_codes=True)
        wizard.action_load()
        self.assertIn("Since 2026 Medicare has two conversion factors", wizard.problems)
        wizard.write({"conversion_factor": 32.5, "conversion_factor_qp": 33.17})
        wizard.action_load()
        self.assertIn("32.84, which is neither of those entered", wizard.problems)
        wizard.conversion_factor = 0
        wizard.action_load()

        schedules = self.env["ccm.fee.schedule"]
        schedule = schedules.search([("date_from", "=", date(2027, 1, 1))])
        self.assertEqual(
            (schedule.date_to, schedule.conversion_factor, schedule.conversion_factor_qp),
            (date(2027, 12, 31), 32.84, 33.17),
        )
        self.assertEqual(set(schedule.rvu_ids.mapped("code")), {"99484", "99490"})
        # CMS mends a figure in July: from then on, and not for the months before
        rows[0] = ("99490", "", "A", "1.01", "0.95", "0.25", "0.07")
        self.upload(
            "rvu",
            publishers.pprrvu(rows, factor="32.8400"),
            "RVU 2027 July",
            date(2027, 7, 1),
            conversion_factor_qp=33.17,
        ).action_load()
        self.assertEqual(schedule.date_to, date(2027, 6, 30))
        amounts = [
            schedules._get_amounts(self.env.company, ["99490"], day)["99490"]
            for day in (date(2027, 6, 30), date(2027, 7, 31))
        ]
        self.assertEqual(amounts, [Decimal("65.02"), Decimal("66.67")])

    def test_only_the_codes_of_the_catalogue(self):
        rows = [("99490", "", "A", "1", "1", "1", "1"), ("99484", "", "A", "1", "1", "1", "1")]
        self.upload(
            "rvu",
            publishers.pprrvu(rows),
            "RVU 2027",
            date(2027, 1, 1),
            conversion_factor_qp=33.5675,
        ).action_load()
        schedule = self.env["ccm.fee.schedule"].search([("date_from", "=", date(2027, 1, 1))])
        self.assertEqual(schedule.rvu_ids.mapped("code"), ["99490"])

    def test_localities(self):
        rows = [
            ("06302", "WI", "00", "WISCONSIN", "1", "0.957", "0.331"),
            ("02102", "AK", "01", "ALASKA*", "1.5", "1.081", "0.592"),
        ]
        self.upload("gpci", publishers.gpci(rows), "GPCI 2027", date(2027, 1, 1)).action_load()
        wisconsin = self.env["ccm.locality"].search([("state", "=", "WI")])
        self.assertEqual(wisconsin.display_name, "WI WISCONSIN (06302-00)")
        self.assertEqual(wisconsin.gpci_ids.date_to, date(2027, 12, 31))
        # the same file again changes nothing; a corrected one does
        self.upload("gpci", publishers.gpci(rows), "GPCI 2027", date(2027, 1, 1)).action_load()
        rows[0] = ("06302", "WI", "00", "WISCONSIN", "1", "0.958", "0.308")
        self.upload("gpci", publishers.gpci(rows), "GPCI 2027", date(2027, 1, 1)).action_load()
        releases = self.env["ccm.data.release"].search([("kind", "=", "gpci")], order="id")
        counts = [(release.added, release.changed) for release in releases]
        self.assertEqual(counts, [(2, 0), (0, 0), (0, 1)])
        self.assertEqual(wisconsin.gpci_ids.pe, 0.958)
        # files may come in any order, and each day keeps one set of indices
        for day in (date(2028, 7, 1), date(2028, 1, 1), date(2027, 7, 1)):
            self.upload("gpci", publishers.gpci(rows), "GPCI", day).action_load()
        self.assertEqual(
            wisconsin.gpci_ids.sorted("date_from").mapped("date_to"),
            [date(2027, 6, 30), date(2027, 12, 31), date(2028, 6, 30), date(2028, 12, 31)],
        )

    def test_the_form_knows_the_publishers_file_names(self):
        wizard = self.env["ccm.data.import"].new({"filename": "icd10cm-codes-2027.txt"})
        wizard._onchange_filename()
        self.assertEqual(
            (wizard.kind, wizard.name, wizard.effective_date),
            ("icd10cm", "FY2027", date(2026, 10, 1)),
        )

    def test_who_may_load(self):
        for user in (self.nurse, self.biller):
            with self.assertRaises(AccessError):
                self.env["ccm.data.import"].with_user(user).create(
                    {
                        "kind": "ccir",
                        "name": "x",
                        "effective_date": date(2026, 1, 1),
                        "file": "eA==",
                    }
                )
        wizard = self.upload("ccir", publishers.ccir({"J00": "1"}))
        with self.assertRaises(AccessError):
            wizard.with_user(self.nurse).action_load()
