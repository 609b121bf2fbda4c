"""A month of the first patients whom nobody here made up: Synthea's, in FHIR, coded in SNOMED.

Each patient's dates are moved by whole days, so that the record ends on the last day of September
2026 and the month of the test is October, which the shipped fees cover. Three of the thirteen died
in the data: their record ends, like that of the others, with the last encounter before the hospice,
and counts as it stood on that day.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import chain

from freezegun import freeze_time
from outside_data import resources

from odoo.tests import tagged

from odoo.addons.ccm_module.tests.common import CcmCommon

MONTH = date(2026, 10, 1)
LAST_DAY_OF_DATA = MONTH - timedelta(days=1)
YEAR_BEFORE = MONTH.replace(year=2025)

# SNOMED CT -> ICD-10-CM, for the chronic disorders that patients still have when the record ends.
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
# Disorders that are acute, a sign, or too vague to qualify anybody.
LEFT_OUT = {
    "15777000": "Prediabetes",
    "19169002": "Miscarriage in first trimester",
    "195662009": "Acute viral pharyngitis (disorder)",
    "197927001": "Recurrent urinary tract infection",
    "271737000": "Anemia (disorder)",
    "39898005": "Sleep disorder (disorder)",
    "80394007": "Hyperglycemia (disorder)",
    "91302008": "Sepsis (disorder)",
}
NO_DISORDER = ("(finding)", "(situation)")

DEATH_CERTIFICATION, HOSPICE = "308646001", "305336008"
# Ambulatory encounters that are no visit to the patient's own practice, or not to its practitioner.
NO_VISIT = {DEATH_CERTIFICATION, "33879002", "702927004"}  # vaccination, urgent care

# The October of each patient, in the order of their ids: minutes, and whose.
WORK = (
    (41, "nurse"),
    (25, "nurse"),
    (19, "nurse"),
    (20, "nurse"),
    (95, "complex"),
    (61, "nurse"),
    (39, "nurse"),
    (60, "nurse"),
    (30, "doctor"),
    (12, "nurse"),
    (59, "nurse"),
    (40, "nurse"),
    (25, "nurse"),
)
# By hand: Medicare's national amounts of 2026, for those of WORK who may be billed.
BILLS = {
    (41, "nurse"): ({"99490": 1, "99439": 1}, 66.13 + 50.44),
    (20, "nurse"): ({"99490": 1}, 66.13),
    (95, "complex"): ({"99487": 1, "99489": 1}, 144.29 + 78.16),
    (30, "doctor"): ({"99491": 1}, 89.18),
}


def day_of(text):
    return date.fromisoformat(text[:10])


def coding_of(resource):
    return resource["code"]["coding"][0]


def kind_of(encounter):
    return encounter["type"][0]["coding"][0]["code"]


def by_patient(found):
    grouped = defaultdict(list)
    for resource in found:
        grouped[resource["subject"]["reference"].rpartition("/")[2]].append(resource)
    return grouped


@tagged("standard", "at_install")
class TestSynthea(CcmCommon):
    test_module = "ccm_module"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = sorted(resources("synthea/Patient.000.ndjson"), key=lambda p: p["id"])
        cls.encounters = by_patient(resources("synthea/Encounter.000.ndjson"))
        conditions = by_patient(resources("synthea/Condition.000.ndjson"))
        cls.shift, cls.problems = {}, {}
        for key in (person["id"] for person in cls.people):
            end = max(
                day_of(encounter["period"]["end"])
                for encounter in cls.encounters[key]
                if kind_of(encounter) not in (DEATH_CERTIFICATION, HOSPICE)
            )
            cls.shift[key] = LAST_DAY_OF_DATA - end
            cls.problems[key] = [
                c
                for c in conditions[key]
                if day_of(c["onsetDateTime"]) <= end
                and ("abatementDateTime" not in c or day_of(c["abatementDateTime"]) > end)
            ]

    def icd_codes(self, key):
        """Return ``{ICD code: first day}`` of the patient's mapped problems."""
        found = {}
        for problem in self.problems[key]:
            code = ICD_OF_SNOMED.get(coding_of(problem)["code"])
            onset = day_of(problem["onsetDateTime"]) + self.shift[key]
            if code:
                found[code] = min(onset, found.get(code, onset))
        return found

    def visit_days(self, key):
        """Return the days of the patient's visits in the year before the month."""
        return {
            day
            for encounter in self.encounters[key]
            if encounter["class"]["code"] == "AMB"
            and kind_of(encounter) not in NO_VISIT
            and (day := day_of(encounter["period"]["start"]) + self.shift[key]) >= YEAR_BEFORE
        }

    def bring_in(self, person):
        key, name = person["id"], person["name"][0]
        patient = self.make_patient(
            name=f"{name['given'][0]} {name['family']}",
            ccm_birthdate=day_of(person["birthDate"]) + self.shift[key],
            ccm_mrn=key,
        )
        for code, onset in self.icd_codes(key).items():
            diagnosis = self.env["ccm.diagnosis"].search([("code", "=", code)])
            self.make_condition(patient, diagnosis, onset_date=onset)
        for day in self.visit_days(key):
            self.make_visit(patient, day, kind="em_3")
        self.make_consent(patient).action_give()
        self.make_approved_plan(patient, copy_given_on=MONTH, copy_way="paper")
        self.make_enrollment(patient).action_activate()
        return patient

    def work(self, patient, day, minutes, who):
        user = self.doctor if who == "doctor" else self.nurse
        self.log(patient, f"{day} 15:00:00", minutes=minutes, user=user)
        if who == "complex":
            with freeze_time(f"{day} 20:00:00"):
                self.month_of(patient).with_user(self.doctor).write(
                    {"complex_mdm": True, "complex_mdm_note": "Changed three medications"}
                )

    def month_of(self, patient):
        return patient.ccm_month_ids.filtered(lambda m: m.month == MONTH)

    def test_nothing_is_dropped_in_silence(self):
        """What is not mapped is named and counted, or is no disorder at all."""
        mapped, left_out, no_disorder = Counter(), Counter(), Counter()
        for problem in chain.from_iterable(self.problems.values()):
            code, display = coding_of(problem)["code"], coding_of(problem)["display"]
            if code in ICD_OF_SNOMED:
                mapped[code] += 1
            elif code in LEFT_OUT:
                self.assertEqual(display, LEFT_OUT[code])
                left_out[code] += 1
            else:
                self.assertTrue(display.endswith(NO_DISORDER), f"{code} {display}")
                no_disorder[display] += 1
        self.assertEqual(mapped.keys(), ICD_OF_SNOMED.keys())
        self.assertEqual(left_out.keys(), LEFT_OUT.keys())
        self.assertEqual((mapped.total(), left_out.total(), no_disorder.total()), (22, 19, 67))

    def test_the_table_s_codes_exist_and_are_chronic(self):
        for code in set(ICD_OF_SNOMED.values()):
            diagnosis = self.env["ccm.diagnosis"].search([("code", "=", code)])
            self.assertTrue(diagnosis, code)
            # Newer than AHRQ's release that ships: no flag yet.
            expected = "undetermined" if code == "E88.810" else "chronic"
            self.assertEqual(diagnosis.chronicity, expected, code)

    def test_october(self):
        self.company.ccm_invoice_state = "posted"
        with freeze_time(f"{MONTH} 14:00:00"):
            patients = [self.bring_in(person) for person in self.people]
        expected = {}
        for number, (patient, work) in enumerate(zip(patients, WORK, strict=True)):
            self.work(patient, MONTH.replace(day=5 + number), *work)
            icd = self.icd_codes(patient.ccm_mrn)
            if len(icd) >= 2:
                expected[patient.name] = ("invoiced", set(), *BILLS[work], set(icd))
            else:
                state = "short" if work[0] < 20 else "blocked"
                expected[patient.name] = (state, {"conditions"}, {}, 0, set())

        self.run_close("2026-11-05 12:00:00")

        found = {}
        for patient in patients:
            month = self.month_of(patient)
            blockers = month.blocker_ids.filtered(lambda b: b.severity == "blocker")
            lines = month.move_id.invoice_line_ids
            found[patient.name] = (
                month.state,
                set(blockers.mapped("code")),
                {line.product_id.default_code: line.quantity for line in lines},
                month.move_id.amount_untaxed,
                set(month.move_id.ccm_diagnosis_ids.mapped("code")),
            )
        self.assertEqual(found, expected)
        # The data must go on telling all three stories, or this test proves little.
        self.assertEqual(
            Counter(state for state, *_rest in found.values()),
            {"invoiced": len(BILLS), "blocked": 7, "short": 2},
        )
