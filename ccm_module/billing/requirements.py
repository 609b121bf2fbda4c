"""The billing gate: what must be there before any minute is paid, and which minutes count.

Sources: MLN909188 (June 2025), CMS CCM FAQ (Aug 2022), AAFP on the initiating visit (levels 2-5),
Noridian Q&A 2017, NGS Medicare "Care Management" (the right to stop takes effect at the end of
the month).
"""

from .concurrency import inpatient_spans
from .facts import NOBODY, PRACTITIONER, STAFF, Reason
from .intervals import clip, seconds, subtract, union
from .months import bounds, day_after, last_day, midnight, year_before

MIN_CONDITIONS = 2

# Face-to-face visits that may start CCM: E/M levels 2 to 5, annual wellness, IPPE, TCM.
QUALIFYING_VISITS = frozenset({"em_2", "em_3", "em_4", "em_5", "awv", "ippe", "tcm"})


# --- conditions -----------------------------------------------------------------------------


def qualifying_conditions(facts, day):
    """Return ``(valid, retired)``: the codes that qualify on ``day``, and those out of date."""
    valid, retired = [], []
    for condition in facts.conditions:
        if not (condition.lasts_12_months and condition.significant_risk):
            continue
        if (condition.start and condition.start > day) or (condition.end and condition.end < day):
            continue
        out_of_date = (condition.code_from and condition.code_from > day) or (
            condition.code_to and condition.code_to < day
        )
        (retired if out_of_date else valid).append(condition)
    return valid, retired


def diagnoses(facts, day):
    """Return the codes that qualify on ``day``, each once: what a claim of that day may name."""
    valid, _retired = qualifying_conditions(facts, day)
    return tuple(dict.fromkeys(condition.code for condition in valid))


def _check_conditions(facts, day):
    valid, retired = qualifying_conditions(facts, day)
    blockers, warnings = [], []
    count = len(diagnoses(facts, day))
    # A code out of date never goes on the bill; it stops the bill only where it is needed for it.
    said = warnings if count >= MIN_CONDITIONS else blockers
    for condition in retired:
        said.append(Reason("code_retired", {"diagnosis": condition.code, "day": day}))
    if count < MIN_CONDITIONS:
        blockers.append(Reason("conditions", {"count": count, "needed": MIN_CONDITIONS}))
    for condition in valid:
        if condition.chronicity != "chronic" and not condition.confirmed:
            warnings.append(Reason("not_listed_chronic", {"diagnosis": condition.code}))
    return blockers, warnings


# --- consent ----------------------------------------------------------------------------------


def consent_in_force(facts):
    """Return the consent to the billing practitioner that covers the month, or None.

    Of several it is the earliest that is complete: a later one mends an incomplete one. A
    revocation takes effect at the end of its calendar month, so that month is still covered.
    """
    if not facts.enrollment:
        return None
    stop = bounds(facts.month, facts.zone)[1]
    found = [
        consent
        for consent in facts.consents
        if consent.practitioner == facts.enrollment.practitioner
        and consent.given_at < stop
        and (consent.valid_until is None or consent.valid_until >= facts.month)
    ]
    return min(found, key=lambda consent: (not consent.told_all, consent.given_at), default=None)


def _check_consent(facts):
    consent = consent_in_force(facts)
    if consent:
        return [] if consent.told_all else [Reason("consent_incomplete")]
    stop = bounds(facts.month, facts.zone)[1]
    if any(c.valid_until is None and c.given_at < stop for c in facts.consents):
        # Without an enrollment nobody says which practitioner it should name: that comes first.
        return [Reason("consent_other_practitioner")] if facts.enrollment else []
    ended = [c.valid_until for c in facts.consents if c.valid_until]
    if ended and max(ended) < facts.month:
        return [Reason("consent_revoked", {"day": max(ended)})]
    return [Reason("consent_missing")]


# --- initiating visit -------------------------------------------------------------------------


def needs_initiating_visit(date_start, seen_dates):
    """Tell whether CCM that begins on ``date_start`` must begin with a visit.

    It must when the patient is new, or was not seen by the billing practitioner within the year
    before (CMS CCM FAQ p. 5). ``seen_dates``: days the patient was seen, any order.
    """
    earliest = year_before(date_start)
    return not any(earliest <= day < date_start for day in seen_dates if day)


def visit_required(facts):
    enrollment = facts.enrollment
    seen = [v.day for v in facts.visits if v.practitioner == enrollment.practitioner]
    return needs_initiating_visit(enrollment.start, [*seen, enrollment.last_seen])


def qualifying_visits(facts):
    """Return the visits, by day, that may start CCM with the billing practitioner."""
    enrollment = facts.enrollment
    if not enrollment:
        return []
    earliest, latest = year_before(enrollment.start), last_day(facts.month)
    return sorted(
        (
            visit
            for visit in facts.visits
            if visit.practitioner == enrollment.practitioner
            and visit.kind in QUALIFYING_VISITS
            and visit.ccm_discussed
            and earliest <= visit.day <= latest
        ),
        key=lambda visit: visit.day,
    )


def starts_care(facts, visit):
    """Tell whether ``visit`` belongs to the start of CCM, and not to its later course."""
    if visit.day <= last_day(facts.enrollment.start):
        return True
    return visit_required(facts) and visit == initiating_visit(facts)


def initiating_visit(facts):
    """Return the first visit that may start CCM with the billing practitioner, or None."""
    return next(iter(qualifying_visits(facts)), None)


# --- care plan --------------------------------------------------------------------------------


def _approved_plans(facts):
    latest = last_day(facts.month)
    return [p for p in facts.plans if p.approved_on and p.approved_on <= latest]


def plan_in_force(facts):
    """Return the plan that the month ended with: the last approved by then, or None."""
    return max(_approved_plans(facts), key=lambda p: (p.approved_on, p.version), default=None)


def _check_plan(facts):
    latest = last_day(facts.month)
    if not facts.plans:
        return [Reason("plan_missing")]
    approved = _approved_plans(facts)
    if not approved:
        return [Reason("plan_not_approved", {"day": latest})]
    if not any(p.copy_given_on and p.copy_given_on <= latest for p in approved):
        return [Reason("plan_copy_missing", {"day": latest})]
    return []


# --- the gate as a whole ------------------------------------------------------------------------


def check(facts, time, day):
    """Return ``(blockers, warnings)`` of the month, judged on the service date ``day``.

    :param CountedTime time: the month's time that counts
    """
    blockers, warnings = [], []
    if not facts.enrollment:
        blockers.append(Reason("no_enrollment"))
    elif not facts.practitioner_npi:
        blockers.append(Reason("practitioner_npi"))
    blockers += _check_consent(facts)
    condition_blockers, condition_warnings = _check_conditions(facts, day)
    blockers += condition_blockers
    warnings += condition_warnings
    if facts.enrollment and visit_required(facts) and not initiating_visit(facts):
        blockers.append(Reason("initiating_visit"))
    blockers += _check_plan(facts)
    if facts.running_timers:
        blockers.append(Reason("timer_running", {"count": facts.running_timers}))
    if facts.paused_timers:
        blockers.append(Reason("timer_paused", {"count": facts.paused_timers}))
    if facts.unreviewed_entries:
        blockers.append(Reason("entries_to_review", {"count": facts.unreviewed_entries}))
    if facts.undescribed_entries:
        blockers.append(Reason("entries_to_describe", {"count": facts.undescribed_entries}))
    for missing, reason in (
        (facts.practice_npi, "practice_npi"),
        (facts.birthdate, "birthdate_missing"),
        (facts.medicare_number, "medicare_number_missing"),
    ):
        if not missing:
            warnings.append(Reason(reason))
    if facts.visit_day_rule == "warn":
        warnings += [
            Reason("visit_same_day", {"day": visit_day})
            for visit_day, span in _visit_days(facts)
            if clip(time.combined, *span)
        ]
    return blockers, warnings


def _visit_days(facts):
    """Return the days with a visit, in order, each with its span of UTC seconds."""
    return [
        (day, (midnight(day, facts.zone), midnight(day_after(day), facts.zone)))
        for day in sorted({visit.day for visit in facts.visits})
    ]


class CountedTime:
    """The month's seconds that count, by who spent them, and what was left out and why.

    ``staff`` and ``personal`` are tracks (see ``intervals``); ``excluded`` maps a reason code to
    seconds. The billing practitioner's own time may also serve as staff time, never the reverse
    (CMS FAQ, Jan 2017, Q1); ``combined`` is that union, each second once.
    """

    def __init__(self, facts):
        self.excluded = {}
        start, stop = bounds(facts.month, facts.zone)
        work = [w for w in facts.work if w.stop > start and w.start < stop]
        spans = {}
        for name, chosen in (
            ("not_counting", [w for w in work if not w.counts or w.performer == NOBODY]),
            ("personal", [w for w in work if self._is_personal(w)]),
            ("staff", [w for w in work if self._is_staff(w)]),
        ):
            spans[name] = clip(((w.start, w.stop) for w in chosen), start, stop)
        self._leave_out("not_counting", seconds(spans["not_counting"]))
        self.entry_seconds = sum(
            min(w.stop, stop) - max(w.start, start)
            for w in work
            if self._is_personal(w) or self._is_staff(w)
        )
        before = seconds([*spans["personal"], *spans["staff"]])
        self._leave_out("simultaneous", self.entry_seconds - before)
        for reason, holes, names in self._holes(facts, start, stop):
            before = seconds([*spans["personal"], *spans["staff"]])
            for name in names:
                spans[name] = subtract(spans[name], holes)
            self._leave_out(reason, before - seconds([*spans["personal"], *spans["staff"]]))
        self.personal, self.staff = spans["personal"], spans["staff"]
        self.combined = union([*self.personal, *self.staff])

    @staticmethod
    def _is_personal(work):
        return work.counts and work.performer == PRACTITIONER and work.personal

    @staticmethod
    def _is_staff(work):
        # A practitioner who does not bill this patient works as clinical staff here.
        return work.counts and (
            work.performer == STAFF or (work.performer == PRACTITIONER and not work.personal)
        )

    @staticmethod
    def _holes(facts, start, stop):
        both = ("personal", "staff")
        consent = consent_in_force(facts)
        if consent:
            yield "before_consent", [(start, min(consent.given_at, stop))], both
        enrollment = facts.enrollment
        if enrollment and enrollment.start > facts.month:
            begun = min(midnight(enrollment.start, facts.zone), stop)
            yield "before_enrollment", [(start, begun)], both
        if enrollment and enrollment.end and enrollment.end <= last_day(facts.month):
            ended = midnight(day_after(enrollment.end), facts.zone)
            yield "after_enrollment", [(ended, stop)], both
        if enrollment and visit_required(facts) and (visit := initiating_visit(facts)):
            yield "before_visit", [(start, midnight(visit.day, facts.zone))], both
        yield "inpatient", inpatient_spans(facts), both
        if facts.visit_day_rule == "exclude":
            yield "visit_day", [span for _day, span in _visit_days(facts)], ("staff",)

    def _leave_out(self, reason, lost):
        if lost > 0:
            self.excluded[reason] = lost

    def track(self, family):
        """Return the track whose seconds the codes of ``family`` may count."""
        return self.personal if family.is_personal else self.combined
