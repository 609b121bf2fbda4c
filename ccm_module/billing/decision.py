"""The decision on one patient-month: what is billed, what is not, and why."""

from dataclasses import dataclass
from decimal import Decimal

from . import concurrency, requirements
from .codes import families
from .facts import Reason
from .intervals import seconds
from .months import last_day
from .options import HIGHEST, Line, NextStep, Option, choose, next_steps, work_out

G0506 = "G0506"


@dataclass(frozen=True, slots=True)
class Decision:
    """``state`` is ``ready``, ``blocked`` or ``short``.

    ``lines`` are what the minutes and the setting give, also while something still blocks them;
    they may be billed only when ``state`` is ``ready``. Seconds count each second once.
    """

    state: str
    lines: tuple[Line, ...]
    options: tuple[Option, ...]
    chosen: Option | None
    blockers: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    diagnoses: tuple[str, ...]
    next_steps: tuple[NextStep, ...]
    staff_seconds: int
    practitioner_seconds: int
    combined_seconds: int
    excluded: dict

    @property
    def amount(self):
        return sum((line.amount or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def service_date(self):
        """The date of service of the base code (of G0506, where that stands alone)."""
        return self.lines[0].service_date if self.lines else None


def decide(facts, codes, choice=HIGHEST):
    """Decide one patient-month.

    :param MonthFacts facts: what is known, the price list included
    :param codes: iterable of ServiceCode, the catalogue; those not valid in the month are ignored
    :param choice: ``highest``, ``practitioner_first`` or ``staff_first``
    """
    codes = tuple(codes)
    last = last_day(facts.month)
    time = requirements.CountedTime(facts)
    all_families = families(codes, facts.month)
    options = work_out(facts, time, all_families)
    chosen = choose(options, choice)
    lines = list(chosen.lines) if chosen else []
    assessment, why_not = _assessment(facts, codes, lines)
    lines += [assessment] if assessment else []
    day = lines[0].service_date if lines else last
    blockers, warnings = requirements.check(facts, time, day)
    other_blockers, other_warnings = concurrency.check(facts)
    blockers += other_blockers
    warnings += other_warnings
    warnings += [why_not] if why_not else []
    blockers += _missing_prices(options, lines, choice)
    if chosen and chosen.family.is_complex:
        if not facts.complex_mdm_note:
            warnings.append(Reason("mdm_note_missing"))
        if not facts.complex_mdm_by_biller:
            # The decision making is the billing practitioner's own (CPT; CMS CCM FAQ).
            blockers.append(Reason("mdm_by_another"))
    return Decision(
        state="short" if not lines else "blocked" if blockers else "ready",
        lines=tuple(lines),
        options=options,
        chosen=chosen,
        blockers=tuple(blockers),
        warnings=tuple(warnings),
        diagnoses=requirements.diagnoses(facts, day),
        next_steps=next_steps(facts, time, all_families, choice, chosen),
        staff_seconds=seconds(time.staff),
        practitioner_seconds=seconds(time.personal),
        combined_seconds=seconds(time.combined),
        excluded=time.excluded,
    )


def _missing_prices(options, lines, choice):
    """No amount is guessed: under ``highest`` every reached option must be comparable."""
    wanted = list(lines)
    if choice == HIGHEST:
        wanted += [line for option in options for line in option.lines]
    missing = sorted({line.code for line in wanted if line.price is None})
    return [Reason("no_fee", {"codes": ", ".join(missing)})] if missing else []


def _assessment(facts, codes, lines):
    """Return ``(line, warning)`` for G0506, the practitioner's own planning at the start.

    Once per patient and billing practitioner, at the start of CCM as an add-on to the initiating
    visit (CMS CCM FAQ), and never on the date of 99487 (NCCI edit 99487/G0506, modifier indicator 0).
    """
    code = next((c for c in codes if c.code == G0506 and c.is_valid_in(facts.month)), None)
    visit = next(
        (
            visit
            for visit in requirements.qualifying_visits(facts)
            if visit.planning_beyond_visit and visit.day >= facts.month
        ),
        None,
    )
    if not code or not visit:
        return None, None
    if facts.g0506_billed_before:
        return None, Reason("g0506_once")
    if not requirements.starts_care(facts, visit):
        return None, Reason("g0506_late", {"day": visit.day})
    if any(line.code == "99487" and line.service_date == visit.day for line in lines):
        return None, Reason("g0506_same_day", {"day": visit.day})
    return (
        Line(
            G0506,
            1,
            facts.price_of(G0506, visit.day),
            visit.day,
            Reason("g0506", {"day": visit.day}),
        ),
        None,
    )
