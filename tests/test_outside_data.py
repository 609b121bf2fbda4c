"""The shipped figures, and the import, against the publishers' own files.

Those files are not in the repository: see outside_data.py for where they are looked for.
"""

import base64
import csv
from collections import Counter
from datetime import date
from pathlib import Path

from outside_data import content

from odoo.tests import TransactionCase, tagged

CCIR_2026 = "ccir_2026_1_billable.csv"
GPCI_2025 = "fees/GPCI2025.csv"
RVU = {2025: "fees/rvu_2025_oct.csv", 2026: "fees/rvu_2026_jul.csv"}
CODES = ("99490", "99439", "99491", "99437", "99487", "99489", "G0506")


def rows(name):
    return list(csv.DictReader(content(name).decode().splitlines()))


@tagged("standard", "at_install")
class TestOutsideData(TransactionCase):
    test_module = "ccm_module"

    def load(self, kind, name, release, effective_date, **values):
        """Load a file as a manager would; return the release that was logged."""
        wizard = self.env["ccm.data.import"].create(
            {
                "kind": kind,
                "file": base64.b64encode(content(name)),
                "filename": Path(name).name,
                "name": release,
                "effective_date": effective_date,
                **values,
            }
        )
        wizard.action_check()
        self.assertEqual(wizard.state, "good", wizard.problems)
        return self.env["ccm.data.release"].browse(wizard.action_load()["res_id"])

    def chronicities(self):
        """{code without dot: chronicity} of the shipped list."""
        diagnoses = self.env["ccm.diagnosis"].search_fetch(
            [("release", "=", "FY2026")], ["code", "chronicity"]
        )
        return {diagnosis.code.replace(".", ""): diagnosis.chronicity for diagnosis in diagnoses}

    def test_ahrq_flags_of_2026(self):
        """AHRQ's later version has the shipped codes, and differs where it decided since."""
        theirs = {
            row["code"]: {"1": "chronic", "0": "acute"}.get(row["ccir_2026_1"], "undetermined")
            for row in rows(CCIR_2026)
        }
        ours = self.chronicities()
        self.assertEqual(ours.keys(), theirs.keys())
        differences = Counter(
            (ours[code], theirs[code]) for code in ours if ours[code] != theirs[code]
        )
        self.assertEqual(
            differences,
            {
                ("undetermined", "acute"): 465,  # codes newer than v2023-1
                ("undetermined", "chronic"): 434,
                ("chronic", "acute"): 4,  # D89.832–D89.835, cytokine release syndrome
            },
        )

        release = self.load("ccir", CCIR_2026, "CCIR v2026-1", date(2025, 10, 1))
        self.assertEqual((release.rows, release.changed), (74_693, 903))
        self.env.invalidate_all()
        self.assertEqual(self.chronicities(), theirs)

    def test_cms_relative_values(self):
        for year, name in RVU.items():
            schedule = self.env["ccm.fee.schedule"].search(
                [("date_from", "=", date(year, 1, 1)), ("date_to", "=", date(year, 12, 31))]
            )
            shipped = {
                rvu.code: (
                    rvu.status,
                    rvu.work,
                    rvu.pe_nonfacility,
                    rvu.pe_facility,
                    rvu.malpractice,
                )
                for rvu in schedule.rvu_ids
            }
            columns = ("work_rvu", "nonfac_pe", "fac_pe", "mp")
            theirs = {
                row["code"]: (row["status"], *(float(row[column]) for column in columns))
                for row in rows(name)
                if row["code"] in CODES
            }
            self.assertEqual(shipped, theirs, year)
            self.assertEqual(
                {float(row["conv_factor"]) for row in rows(name)}, {schedule.conversion_factor}
            )

    def test_cms_relative_values_load(self):
        release = self.load(
            "rvu",
            RVU[2026],
            "RVU26C",
            date(2026, 7, 1),
            conversion_factor_qp=33.5675,
            all_care_codes=True,
        )
        self.assertGreater(release.added, len(CODES))
        amounts = self.env["ccm.fee.schedule"]._get_amounts(
            self.env.company, ["99490", "99484", "90952"], date(2026, 7, 31)
        )
        # 90952 is priced by the contractors: no national amount
        self.assertEqual(
            {code: str(amounts[code]) for code in amounts}, {"99490": "66.13", "99484": "57.45"}
        )

    def test_cms_localities_load(self):
        release = self.load("gpci", GPCI_2025, "GPCI 2025", date(2025, 1, 1))
        self.assertEqual((release.rows, release.added), (109, 109))
        localities = self.env["ccm.locality"]
        self.env.company.ccm_locality_id = localities.search([("state", "=", "WI")])
        amounts = self.env["ccm.fee.schedule"]._get_amounts(
            self.env.company, ["99490"], date(2025, 7, 31)
        )
        # (1.00 × 1 + 0.81 × 0.957 + 0.06 × 0.331) × 32.3465
        self.assertEqual(str(amounts["99490"]), "58.06")
        self.assertEqual(localities.search([("state", "=", "AK")]).name, "ALASKA")
