"""Other care in the same month: what forbids the bill, what only takes time out of it.

Sources: CMS CCM FAQ (Aug 2022), MLN909188 (June 2025), 89 FR 97896 (APCM), NCCI practitioner
edits, OIG A-07-17-05101 and A-07-19-05122. The NCCI edits look at one day only, so nothing but
this table guards the month.
"""

from .facts import Reason
from .months import day_after, last_day, midnight, next_month

BLOCK, WARN, ALLOW, EXCLUDE = "block", "warn", "allow", "exclude"

# kind: (when our own practitioner or practice furnishes it, when somebody else does)
EFFECTS = {
    # Only one practitioner is paid for CCM in a calendar month (MLN909188 p. 6).
    "other_ccm": (BLOCK, BLOCK),
    # Care plan oversight G0181/G0182: not by the same practitioner (NCCI, CMS FAQ; Noridian
    # allows another practitioner's when the services do not overlap).
    "home_health": (BLOCK, WARN),
    "hospice": (BLOCK, WARN),
    # 90951-90970 in the month, whoever bills them (CMS FAQ).
    "esrd": (BLOCK, BLOCK),
    # G0556-G0558: the bar is on the APCM biller and the same practice (89 FR 97896); that another
    # practice's APCM leaves CCM free is not confirmed.
    "apcm": (BLOCK, WARN),
    # 99424-99427: forbidden to the same practitioner only (CMS FAQ p. 7).
    "pcm": (BLOCK, ALLOW),
    # Part A days do not count; the other days of the month do (AAFP, quoting CMS FAQ 6).
    "inpatient": (EXCLUDE, EXCLUDE),
    "snf": (EXCLUDE, EXCLUDE),
    # Allowed beside CCM, no minute counted twice (CY2020 and CY2021 rules; CMS BHI FAQ).
    "tcm": (ALLOW, ALLOW),
    "rpm": (ALLOW, ALLOW),
    "bhi": (ALLOW, ALLOW),
}

# Effects whose source is unsure: told as a warning that says so, never as a refusal.
UNSURE = frozenset({("apcm", WARN), ("home_health", WARN), ("hospice", WARN)})


def _effects(other):
    """Return both effects of a service; of a kind that no rule here knows, none."""
    return EFFECTS.get(other.kind, (ALLOW, ALLOW))


def _in_month(facts):
    first, last = facts.month, last_day(facts.month)
    return [o for o in facts.others if o.first <= last and (o.last is None or o.last >= first)]


def check(facts):
    """Return ``(blockers, warnings)``: tuples of Reason for the month's other services."""
    blockers, warnings = [], []
    for other in _in_month(facts):
        effect = _effects(other)[0 if other.same_practitioner else 1]
        if effect == BLOCK:
            blockers.append(Reason(f"other_{other.kind}"))
        elif effect == WARN:
            warnings.append(Reason(f"maybe_{other.kind}"))
    return _once(blockers), _once(warnings)


def inpatient_spans(facts):
    """Return the spans of UTC seconds in which the patient was in hospital or a Part A SNF.

    Without exact moments the first and the last day are left out whole.
    """
    spans = []
    for other in _in_month(facts):
        if _effects(other)[0] != EXCLUDE:
            continue
        month_end = midnight(next_month(facts.month), facts.zone)
        start, stop = other.stay or (None, None)
        if start is None:
            start = midnight(other.first, facts.zone)
        if stop is None:
            stop = month_end
            if other.last is not None:
                stop = midnight(day_after(other.last), facts.zone)
        spans.append((start, stop))
    return spans


def _once(reasons):
    return tuple({reason.code: reason for reason in reasons}.values())
