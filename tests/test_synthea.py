"""A month of the first patients whom nobody here made up: Synthea's, in FHIR, coded in SNOMED.

Their dates are moved by whole days, so that the last encounter of the data falls on the last day of
September 2026 and the month of the test is October: a month that the shipped fees cover.
"""

from collections import defaultdict
from datetime import date, timedelta

from freezegun import freeze_time
from outside_data import resources

from odoo.tests import tagged

from odoo.addons.ccm_module.tests.common import CcmCommon

MONTH = date(2026, 10, 1)
LAST_DAY_OF_DATA = MONTH - timedelta(days=1)
YEAR_BEFORE = MONTH.replace(year=2025)

# SNOMED CT -> ICD-10-CM, for the chronic disorders that are active in the data.
ICD_OF_SNOMED = {
    "127013003": "E11.22",  # disorder of kidney due to diabetes
    "128613002": "G40.909",  # seizure disorder
    "157141000119108": "E11.29",  # proteinuria due to type 2 diabetes
    "237602007": "E88.810",  # metabolic syndrome
    "239873007": "M17.9",  # osteoarthritis of knee
    "254637007": "C34.90",  # non-small cell lung cancer
    "254837009": "C50.919",  # malignant neoplasm of breast
    "302870006": "E78.1",  # hypertriglyceridemia
    "40055000": "J32.9",  # chronic sinusitis
    "414545008": "I25.9",  # ischemic heart disease
    "424132000": "C34.90",  # the same lung cancer, stage 1
    "431857002": "N18.4",  # chronic kidney disease stage 4
    "44054006": "E11.9",  # type 2 diabetes
    "48724000": "I34.0",  # mitral regurgitation
    "55822004": "E78.5",  # hyperlipidemia
    "59621000": "I10",  # essential hypertension
    "64859006": "M81.0",  # osteoporosis
    "78275009": "G47.33",  # obstructive sleep apnea
    "90781000119102": "E11.29",  # microalbuminuria due to type 2 diabetes
}
# Active disorders that are acute, a sign, or too vague to qualify anybody.
LEFT_OUT = {
    "15777000",  # prediabetes
    "19169002",  # miscarriage
    "197927001",  # recurrent urinary tract infection
    "271737000",  # anemia
    "39898005",  # sleep disorder
    "80394007",  # hyperglycemia
    "91302008",  # sepsis
}
NO_DISORDER = ("(finding)", "(situation)")

# What the nurse spends on the living patients, in the order of their ids, and what that pays.
MINUTES = (25, 19, 41, 20, 61, 39, 60, 12, 59, 40)


def dollars(minutes):
    """Medicare's national amounts of 2026 for clinical staff time, by hand."""
    if minutes < 20:
        return 0
    return 66.13 if minutes < 40 else 116.57 if minutes < 60 else 167.01


def day_of(text):
    return date.fromisoformat(text[:10])


def patient_of(resource):
    return resource["subject"]["reference"].rpartition("/")[2]


@tagged("standard", "at_install")
class TestSynthea(CcmCommon):
    test_module = "ccm_module"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = resources("synthea/Patient.000.ndjson")
        cls.living = sorted(
            (p for p in people if "deceasedDateTime" not in p), key=lambda p: p["id"]
        )
        cls.encounters = resources("synthea/Encounter.000.ndjson")
        cls.problems = [
            c
            for c in resources("synthea/Condition.000.ndjson")
            if c["clinicalStatus"]["coding"][0]["code"] == "active"
        ]
        last = max(day_of(encounter["period"]["start"]) for encounter in cls.encounters)
        cls.shift = LAST_DAY_OF_DATA - last

    def icd_codes(self):
        """Return ``{patient id: {ICD code: first day}}`` of the mapped active problems."""
        found = defaultdict(dict)
        for problem in self.problems:
            code = ICD_OF_SNOMED.get(problem["code"]["coding"][0]["code"])
            onset = day_of(problem["onsetDateTime"]) + self.shift
            if code:
                known = found[patient_of(problem)]
                known[code] = min(onset, known.get(code, onset))
        return found

    def visit_days(self):
        """Return ``{patient id: days}`` of the office visits of the year before the month."""
        found = defaultdict(set)
        for encounter in self.encounters:
            day = day_of(encounter["period"]["start"]) + self.shift
            if encounter["class"]["code"] == "AMB" and day >= YEAR_BEFORE:
                found[patient_of(encounter)].add(day)
        return found

    def bring_in(self, resource, conditions, days):
        name = resource["name"][0]
        patient = self.make_patient(
            name=f"{name['given'][0]} {name['family']}",
            ccm_birthdate=resource["birthDate"],
            ccm_mrn=resource["id"],
        )
        for code, onset in conditions.items():
            diagnosis = self.env["ccm.diagnosis"].search([("code", "=", code)])
            self.make_condition(patient, diagnosis, onset_date=onset)
        for day in days:
            self.make_visit(patient, day, kind="em_3")
        self.make_consent(patient).action_give()
        self.make_approved_plan(patient, copy_given_on=MONTH, copy_way="paper")
        self.make_enrollment(patient).action_activate()
        return patient

    def test_the_table_covers_every_active_disorder(self):
        """Nothing is dropped in silence: what is not mapped is named, or is no disorder at all."""
        unknown = {
            coding["display"]
            for problem in self.problems
            for coding in problem["code"]["coding"]
            if coding["code"] not in ICD_OF_SNOMED
            and coding["code"] not in LEFT_OUT
            and not coding["display"].endswith(NO_DISORDER)
        }
        self.assertEqual(unknown, set())

    def test_the_table_s_codes_exist_and_are_chronic(self):
        for code in set(ICD_OF_SNOMED.values()):
            diagnosis = self.env["ccm.diagnosis"].search([("code", "=", code)])
            self.assertTrue(diagnosis, code)
            # Newer than AHRQ's release that ships: no flag yet.
            expected = ("undetermined",) if code == "E88.810" else ("chronic",)
            self.assertIn(diagnosis.chronicity, expected, code)

    def test_october(self):
        self.company.ccm_invoice_state = "posted"
        conditions, visits = self.icd_codes(), self.visit_days()
        self.assertEqual(len(self.living), len(MINUTES))
        expected = {}
        with freeze_time(f"{MONTH} 14:00:00"):
            patients = {
                resource["id"]: self.bring_in(
                    resource, conditions[resource["id"]], visits[resource["id"]]
                )
                for resource in self.living
            }
        for number, (key, minutes) in enumerate(zip(patients, MINUTES, strict=True)):
            self.log(patients[key], f"2026-10-{5 + number:02d} 15:00:00", minutes=minutes)
            missing = set()
            if len(conditions[key]) < 2:
                missing.add("conditions")
            if not visits[key]:
                missing.add("initiating_visit")
            state = "short" if minutes < 20 else "blocked" if missing else "invoiced"
            expected[key] = (state, missing, dollars(minutes) if state == "invoiced" else 0)

        self.run_close("2026-11-05 12:00:00")

        billed = {}
        for key, patient in patients.items():
            month = patient.ccm_month_ids.filtered(lambda m: m.month == MONTH)
            blockers = month.blocker_ids.filtered(lambda b: b.severity == "blocker")
            billed[key] = (
                month.state,
                set(blockers.mapped("code")),
                month.move_id.amount_untaxed,
            )
        self.assertEqual(billed, expected)
        # The data must go on telling all three stories, or this test proves little.
        self.assertEqual(
            {state for state, *_rest in billed.values()}, {"short", "blocked", "invoiced"}
        )
        self.assertTrue(any(missing == {"conditions"} for _state, missing, _sum in billed.values()))
