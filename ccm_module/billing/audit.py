"""A mock audit: what an auditor would ask of one patient-month, and whether the record answers it.

The rules of the bill are asked of ``decide``, and not told a second time here: what blocks a bill
fails its requirement. What no rule of a bill looks at is asked besides: what the notes say, whether
somebody was in two places, and whether the minutes of today still carry what was billed.
"""

import math
import random
import re
from dataclasses import dataclass

from .facts import Reason
from .requirements import consent_in_force

BLOCKING, WARNING = "blocking", "warning"

CONSENT, EARLY, TOLD, CONDITIONS, VISIT = "consent", "early", "told", "conditions", "visit"
PLAN, COPY, NOTES, COPIED = "plan", "copy", "notes", "copied"
OVERLAP, UNITS, BILLER = "overlap", "units", "biller"

# In the order in which an auditor goes through a file. The warnings are judgements of ours: no rule
# of Medicare's says how long a note must be.
REQUIREMENTS = {
    CONSENT: BLOCKING,
    EARLY: WARNING,
    TOLD: BLOCKING,
    CONDITIONS: BLOCKING,
    VISIT: BLOCKING,
    PLAN: BLOCKING,
    COPY: BLOCKING,
    NOTES: WARNING,
    COPIED: WARNING,
    OVERLAP: BLOCKING,
    UNITS: BLOCKING,
    BILLER: BLOCKING,
}

# Which requirement each reason that blocks a bill speaks of; others are no auditor's question.
REQUIREMENT_OF = {
    "consent_missing": CONSENT,
    "consent_other_practitioner": CONSENT,
    "consent_revoked": CONSENT,
    "consent_incomplete": TOLD,
    "conditions": CONDITIONS,
    "code_retired": CONDITIONS,
    "initiating_visit": VISIT,
    "plan_missing": PLAN,
    "plan_not_approved": PLAN,
    "plan_copy_missing": COPY,
    "no_enrollment": BILLER,
    "practitioner_npi": BILLER,
    "other_other_ccm": BILLER,
}
# A note that says something has so many words of two letters or more.
LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One time entry as an auditor reads it; ``person`` is an opaque identifier."""

    id: int
    person: int
    start: int
    stop: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one requirement is met, and why not."""

    requirement: str
    reasons: tuple[Reason, ...] = ()

    @property
    def passed(self):
        return not self.reasons

    @property
    def severity(self):
        return REQUIREMENTS[self.requirement]


def audit(facts, decision, entries=(), elsewhere=(), billed=None):
    """Return the findings of one patient-month: one for each requirement that can be judged.

    :param MonthFacts facts: the record as it is today
    :param Decision decision: what ``decide`` makes of it
    :param entries: the month's time entries that count, as Entry
    :param elsewhere: other time of the same people at that time, as Entry
    :param dict billed: ``{code: units}`` of the bill; None where there is none yet
    """
    reasons = {requirement: [] for requirement in REQUIREMENTS}
    for reason in decision.blockers:
        if reason.code in REQUIREMENT_OF:
            reasons[REQUIREMENT_OF[reason.code]].append(reason)
    if lost := decision.excluded.get("before_consent"):
        reasons[EARLY].append(Reason("audit_early", {"minutes": math.ceil(lost / 60)}))
    if empty := [entry for entry in entries if not says_something(entry.note)]:
        reasons[NOTES].append(Reason("audit_notes", {"count": len(empty)}))
    if copied := copies(entries):
        reasons[COPIED].append(Reason("audit_copied", {"count": len(copied)}))
    if doubled := overlaps(entries, elsewhere):
        reasons[OVERLAP].append(Reason("audit_overlap", {"count": len(doubled)}))
    reasons[UNITS] += _unsupported(decision, billed or {})
    unknown = _unknown(facts, reasons)
    return tuple(
        Finding(requirement, tuple(found))
        for requirement, found in reasons.items()
        if requirement not in unknown
    )


def score(findings):
    """Return the share of the blocking requirements that are met, in percent; None without any."""
    judged = [finding.passed for finding in findings if finding.severity == BLOCKING]
    return 100 * sum(judged) / len(judged) if judged else None


def sample(ids, seed, percent, least):
    """Return a random part of ``ids``: ``percent`` of them, but ``least`` where there are so many.

    The same seed always draws the same of the same.
    """
    ids = sorted(ids)
    size = min(len(ids), max(least, math.ceil(len(ids) * percent / 100)))
    return sorted(random.Random(seed).sample(ids, size))


def says_something(note):
    return len(_words(note)) >= LEAST_WORDS


def copies(entries):
    """Return the entries whose note says the very words of another of the same month."""
    by_words = {}
    for entry in entries:
        if words := tuple(_words(entry.note)):
            by_words.setdefault(words, []).append(entry)
    return [entry for alike in by_words.values() if len(alike) > 1 for entry in alike]


def overlaps(entries, elsewhere=()):
    """Return the entries during which the same person was at something else as well."""
    known = {entry.id: entry for entry in (*entries, *elsewhere)}.values()
    return [
        entry
        for entry in entries
        if any(
            other.id != entry.id
            and other.person == entry.person
            and other.start < entry.stop
            and entry.start < other.stop
            for other in known
        )
    ]


def _words(note):
    """Return the words of a note, without numbers: "called, 5 min" is not another than "6 min"."""
    return re.findall(r"[^\W\d_]{2,}", (note or "").casefold())


def _unknown(facts, reasons):
    """Return the requirements that cannot be judged, as what they ask about is not there."""
    unknown = set()
    if not facts.enrollment:
        unknown |= {CONSENT, VISIT} - {name for name in reasons if reasons[name]}
    if not consent_in_force(facts):
        unknown |= {TOLD, EARLY}
    if reasons[PLAN]:
        unknown.add(COPY)
    return unknown


def _unsupported(decision, billed):
    """Return what was billed beyond what today's minutes allow, whichever codes are chosen today."""
    allowed = {line.code: line.units for line in decision.lines}
    for option in decision.options:
        for line in option.lines:
            allowed[line.code] = max(line.units, allowed.get(line.code, 0))
    return [
        Reason("audit_units", {"code": code, "units": units, "allowed": allowed.get(code, 0)})
        for code, units in billed.items()
        if units > allowed.get(code, 0)
    ]
