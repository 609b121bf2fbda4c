"""What changed since the version before."""

from freezegun import freeze_time
from lxml import html

from ..care_plan.compare import compare
from .common import CcmCommon


@freeze_time("2026-07-15 14:00:00")
class TestCarePlanChanges(CcmCommon):
    def test_compare(self):
        old = {
            "goals": [("bp", "Below 140"), ("walk", "Walk")],
            "home": [("one floor", "One floor")],
        }
        new = {
            "goals": [("bp", "Below 130"), ("feet", "Feet")],
            "home": [("one floor", "One floor")],
        }
        found = [(c.section, c.kind, c.before, c.after) for c in compare(old, new)]
        self.assertEqual(
            found,
            [
                ("goals", "changed", "Below 140", "Below 130"),
                ("goals", "new", "", "Feet"),
                ("goals", "gone", "Walk", ""),
            ],
        )
        self.assertEqual(compare(new, new), [])

    def test_in_words(self):
        patient = self.make_patient()
        old = self.make_approved_plan(
            patient,
            environment="One floor.\nRug in the hall.",
            medication_ids=[
                (0, 0, {"name": "Metformin", "dose": "500 mg"}),
                (0, 0, {"name": "Aspirin"}),
            ],
        )
        new = old.browse(old.with_user(self.nurse).action_new_version()["res_id"])
        self.assertEqual(new.previous_id, old)
        self.assertIn("Nothing has changed since version 1", new.changes)
        new.environment = "One floor."
        new.medication_ids[0].dose = "1000 mg"
        new.medication_ids[1].unlink()
        new.intervention_ids = [(0, 0, {"name": "Call", "responsible": "nurse"})]
        rows = html.fromstring(new.with_user(self.biller).changes).xpath("//tr[td]")
        self.assertEqual(
            [" | ".join(" ".join(cell.text_content().split()) for cell in row) for row in rows],
            [
                "Gone | Rug in the hall.",
                "New | Call, Nurse",
                "Changed | Metformin, 1000 mg, Being taken Metformin, 500 mg, Being taken",
                "Gone | Aspirin, Being taken",
            ],
        )
        self.assertFalse(old.previous_id)

    def test_words_are_shown_and_never_run(self):
        patient = self.make_patient()
        old = self.make_approved_plan(patient)
        new = old.copy({"caregiver": "<script>alert(1)</script> & daughter"})
        self.assertIn("&lt;script&gt;", new.changes)
        self.assertNotIn("<script>", new.changes)
