"""What holds for every mock audit there could be, searched for counterexamples by hypothesis.

* A month that ``decide`` calls ready fails no required point, whatever its story.
* Take one fact away from a complete month, and exactly the point that asks for it is not met.
* A warning lowers no score, and a score is from 0 to 100.
* The sample has the size it says, of those there are, and the same seed draws the same.
* What was billed and is carried by today's minutes is so after more work, too.

``CCM_EXAMPLES=5000`` searches further, and elsewhere each time.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st
from test_billing_properties import CHOICES, interrupted_months, search, worked_months

from odoo.tests import BaseCase, tagged

from odoo.addons.ccm_module.billing import audit
from odoo.addons.ccm_module.billing.decision import decide
from odoo.addons.ccm_module.billing.facts import Enrollment, OtherService
from odoo.addons.ccm_module.tests.billing_common import (
    CATALOGUE,
    COMPLETE,
    DR_ROE,
    JULY,
    NURSE_20,
    by_nurse,
)

GOOD = "Called the patient about the new tablets"


def find(facts, choice=CHOICES[0], **known):
    return audit.audit(facts, decide(facts, CATALOGUE, choice), **known)


def failed(findings):
    return {finding.requirement for finding in findings if not finding.passed}


def failed_required(findings):
    return {f.requirement for f in findings if not f.passed and f.severity == audit.BLOCKING}


# One fact less: what exactly is then not met.
COMPLETE_JULY = replace(COMPLETE, work=NURSE_20)
NEW = Enrollment(COMPLETE.enrollment.practitioner, start=JULY)
LESS = {
    "no consent": ({"consents": ()}, audit.CONSENT),
    "consent to another": (
        {"consents": (replace(COMPLETE.consents[0], practitioner=DR_ROE),)},
        audit.CONSENT,
    ),
    "not told all": ({"consents": (replace(COMPLETE.consents[0], told_all=False),)}, audit.TOLD),
    "one condition": ({"conditions": COMPLETE.conditions[:1]}, audit.CONDITIONS),
    "over by then": (
        {
            "conditions": (
                COMPLETE.conditions[0],
                replace(COMPLETE.conditions[1], end=JULY - timedelta(days=1)),
            )
        },
        audit.CONDITIONS,
    ),
    "no visit": ({"enrollment": NEW}, audit.VISIT),
    "no plan": ({"plans": ()}, audit.PLAN),
    "not approved": ({"plans": (replace(COMPLETE.plans[0], approved_on=None),)}, audit.PLAN),
    "no copy": ({"plans": (replace(COMPLETE.plans[0], copy_given_on=None),)}, audit.COPY),
    "no NPI": ({"practitioner_npi": False}, audit.BILLER),
    "another is paid": ({"others": (OtherService("other_ccm", JULY),)}, audit.BILLER),
}


@st.composite
def entry_lists(draw):
    """Draw the entries of a month: some people, some notes, times that may overlap."""
    notes = st.sampled_from(("", "ok", GOOD, GOOD + " 2", "Sent the plan to the hospital ward"))
    count = draw(st.integers(0, 5))
    return [
        audit.Entry(
            number,
            draw(st.integers(1, 2)),
            start := draw(st.integers(0, 20)),
            start + draw(st.integers(0, 6)),
            draw(notes),
        )
        for number in range(count)
    ]


@tagged("post_install", "-at_install")
class TestAuditProperties(BaseCase):
    @search
    @given(worked_months() | interrupted_months(), st.sampled_from(CHOICES))
    def test_a_ready_month_fails_nothing_required(self, facts, choice):
        decision = decide(facts, CATALOGUE, choice)
        billed = {line.code: line.units for line in decision.lines}
        assume(decision.state == "ready")
        self.assertEqual(failed_required(audit.audit(facts, decision, billed=billed)), set())

    @search
    @given(st.sampled_from(sorted(LESS)))
    def test_one_fact_less_fails_exactly_its_requirement(self, name):
        changes, requirement = LESS[name]
        self.assertEqual(failed(find(COMPLETE_JULY)), set())
        self.assertEqual(failed(find(replace(COMPLETE_JULY, **changes))), {requirement}, name)

    @search
    @given(interrupted_months(), st.sets(st.sampled_from(sorted(LESS))), entry_lists())
    def test_a_score_is_a_share_and_warnings_do_not_lower_it(self, facts, names, entries):
        for name in sorted(names):
            facts = replace(facts, **LESS[name][0])
        found = find(facts, entries=entries)
        self.assertTrue(0 <= audit.score(found) <= 100)
        self.assertEqual(audit.score(found) == 100, not failed_required(found))
        self.assertEqual(
            len({finding.requirement for finding in found}), len(found), "each at most once"
        )

    @search
    @given(
        st.sets(st.integers(1, 10**6), max_size=200),
        st.integers(0, 2**31),
        st.integers(0, 100),
        st.integers(1, 50),
    )
    def test_the_sample(self, ids, seed, percent, least):
        drawn = audit.sample(ids, seed, percent, least)
        self.assertEqual(drawn, audit.sample(sorted(ids, reverse=True), seed, percent, least))
        self.assertTrue(ids.issuperset(drawn))
        self.assertEqual(len(set(drawn)), len(drawn))
        self.assertGreaterEqual(len(drawn), min(len(ids), least))
        self.assertGreaterEqual(100 * len(drawn), min(len(ids), len(ids) * percent / 100) * 100)
        self.assertLessEqual(len(drawn), max(min(least, len(ids)), len(ids) * percent / 100 + 1))

    @search
    @given(entry_lists(), entry_lists())
    def test_overlaps_by_asking_second_by_second(self, entries, elsewhere):
        elsewhere = [replace(entry, id=entry.id + 100) for entry in elsewhere]

        def seconds(entry):
            return {(entry.person, second) for second in range(entry.start, entry.stop)}

        expected = [
            entry
            for entry in entries
            if any(
                other.id != entry.id and seconds(entry) & seconds(other)
                for other in [*entries, *elsewhere]
            )
        ]
        found = [e for e in audit.overlaps(entries, elsewhere) if e.stop > e.start]
        # An entry of no length is nowhere, but may lie inside of another.
        whole = [e for e in expected if e in found]
        self.assertEqual(whole, expected)
        for entry in found:
            self.assertTrue(
                entry in expected
                or any(
                    o.start == o.stop and entry.start < o.start < entry.stop
                    for o in [*entries, *elsewhere]
                )
            )

    def test_notes(self):
        def about(*notes):
            return failed(
                find(
                    COMPLETE_JULY,
                    entries=[audit.Entry(n, 1, n * 9, n * 9 + 5, x) for n, x in enumerate(notes)],
                )
            )

        self.assertEqual(about(GOOD, "Sent the plan to the hospital ward"), set())
        self.assertEqual(about(GOOD, ""), {audit.NOTES})
        self.assertEqual(about("Call 5 min"), {audit.NOTES})
        self.assertEqual(about("- - - - - -"), {audit.NOTES})
        self.assertEqual(about(GOOD, GOOD.upper() + ", 12."), {audit.COPIED})
        self.assertEqual(about("Llamé a la señora por el azúcar"), set(), "any language")

    def test_time_before_the_consent_is_a_warning(self):
        early = (by_nurse("2026-01-10 09:00", "10:00"), by_nurse("2026-01-20 09:00", "25:00"))
        facts = replace(COMPLETE, month=JULY.replace(month=1), work=early)
        self.assertIn(audit.EARLY, failed(find(facts)))
        self.assertNotIn(audit.EARLY, failed_required(find(facts)))

    def test_units_that_today_s_minutes_do_not_carry(self):
        for billed, carried in (
            ({"99490": 1}, True),
            ({"99490": 1, "99439": 1}, False),
            ({"99491": 1}, False),
        ):
            self.assertEqual(
                failed(find(COMPLETE_JULY, billed=billed)), set() if carried else {audit.UNITS}
            )
        # Billed by another setting than today's: carried all the same.
        hour = replace(COMPLETE, work=(by_nurse("2026-07-06 09:00", "61:00"),), complex_mdm=True)
        for billed in ({"99490": 1, "99439": 2}, {"99487": 1}):
            self.assertEqual(failed_required(find(hour, billed=billed)), set())
