"""The words for the reasons that ``billing`` gives: plain enough for a nurse on her first day.

The rules themselves live in ``billing``; here is only how they are said, in the reader's language.
"""

from datetime import date

from odoo.tools import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    # What blocks
    "no_enrollment": _lt("The patient has no active enrollment in this month: enroll the patient."),
    "practitioner_npi": _lt(
        "The billing practitioner has no valid NPI: enter it on the practitioner."
    ),
    "consent_missing": _lt("No consent to the billing practitioner is on record: record it."),
    "consent_other_practitioner": _lt(
        "The consent names another billing practitioner: ask the patient again."
    ),
    "consent_revoked": _lt("The patient ended the consent with effect from %(day)s."),
    "consent_incomplete": _lt(
        "The consent does not record all four things the patient must be told."
    ),
    "conditions": _lt(
        "Only %(count)s active condition(s) marked as lasting twelve months and of significant "
        "risk; %(needed)s are needed."
    ),
    "code_retired": _lt(
        "Diagnosis %(diagnosis)s is not a valid ICD-10-CM code on %(day)s: choose the code that "
        "replaced it."
    ),
    "initiating_visit": _lt(
        "The patient is new or was not seen within the year before CCM began: an initiating visit "
        "(office visit level 2-5, wellness visit, IPPE or TCM) where CCM was discussed is needed."
    ),
    "plan_missing": _lt("There is no care plan: write one."),
    "plan_not_approved": _lt("No care plan was approved by %(day)s: ask the practitioner."),
    "plan_copy_missing": _lt(
        "No copy of the approved care plan was given to the patient by %(day)s: give one and record it."
    ),
    "mdm_by_another": _lt(
        "The complex decision making was recorded by somebody else: the billing practitioner must "
        "record it."
    ),
    "timer_running": _lt("A timer begun in this month is still running: stop it."),
    "timer_paused": _lt("A timer is paused and not finished: go on with it or stop it."),
    "entries_to_review": _lt(
        "%(count)s time entry(ies) ran past the timer limit: say what really happened."
    ),
    "entries_to_describe": _lt("%(count)s time entry(ies) have no note yet: say what was done."),
    "no_fee": _lt(
        "No price is known for %(codes)s on the date of service: load the fee schedule of that "
        "year (and of your locality) or set a pricelist."
    ),
    "other_other_ccm": _lt(
        "Another practitioner bills CCM for this patient in this month; only one is paid."
    ),
    "other_home_health": _lt(
        "The same practitioner bills home health supervision (G0181) in this month."
    ),
    "other_hospice": _lt("The same practitioner bills hospice supervision (G0182) in this month."),
    "other_esrd": _lt(
        "Monthly ESRD services (90951-90970) are billed for this patient in this month."
    ),
    "other_apcm": _lt("Your practice bills APCM (G0556-G0558) for this patient in this month."),
    "other_pcm": _lt("The same practitioner bills PCM (99424-99427) in this month."),
    # What is worth a look. "Not confirmed" marks a rule whose source is unsure.
    "maybe_home_health": _lt(
        "Not confirmed: another practitioner's home health supervision is taken to leave CCM free; "
        "check that no service overlaps."
    ),
    "maybe_hospice": _lt(
        "Not confirmed: another practitioner's hospice supervision is taken to leave CCM free; "
        "check that the care is unrelated to the terminal illness."
    ),
    "maybe_apcm": _lt(
        "Not confirmed: another practice's APCM is taken to leave CCM free; check first."
    ),
    "not_listed_chronic": _lt(
        "AHRQ does not list %(diagnosis)s as chronic: the practitioner should confirm that it is."
    ),
    "practice_npi": _lt("The practice has no valid NPI: enter it in the settings."),
    "birthdate_missing": _lt("The patient's date of birth is missing: payers ask for it."),
    "medicare_number_missing": _lt("The patient's Medicare number is missing: payers ask for it."),
    "visit_same_day": _lt(
        "Not confirmed: time was logged on %(day)s, a day with a visit; none of it may be part of "
        "the visit."
    ),
    "mdm_note_missing": _lt(
        "Complex care is billed: the practitioner's note on the medical decision making is missing."
    ),
    "g0506_once": _lt(
        "G0506 was billed for this patient and practitioner before; it is paid once."
    ),
    "g0506_late": _lt("G0506 is left out: the visit of %(day)s is not at the start of CCM."),
    "g0506_same_day": _lt("G0506 is left out: it is not paid on the day of 99487 (%(day)s)."),
    # Who could be offered the program
    "eligible_conditions": _lt("%(count)s conditions count: %(names)s."),
    "eligible_one_short": _lt("One more condition is needed; %(names)s counts."),
    "eligible_no_condition": _lt("No condition counts; two are needed."),
    "eligible_seen": _lt("Last seen on %(day)s."),
    "eligible_seen_long_ago": _lt(
        "Not seen for %(months)s months, since %(day)s: a visit is needed."
    ),
    "eligible_never_seen": _lt("No visit is on record: one within twelve months is needed."),
    "eligible_payer": _lt("%(payer)s pays for it."),
    "eligible_medicare_number": _lt("Has a Medicare number."),
    "eligible_payer_unknown": _lt("Say on %(payer)s whether this payer pays for Chronic Care."),
    "eligible_no_payer": _lt("Neither a payer nor a Medicare number is on record."),
    "eligible_payer_out": _lt("%(payer)s does not pay for it."),
    "eligible_elsewhere": _lt("Another practice here has the patient in the program."),
    "eligible_closed": _lt("Declined or left on %(day)s: %(reason)s."),
    # Why a line is there
    "staff_minutes": _lt("%(minutes)s clinical-staff minutes → %(code)s ×%(units)s"),
    "personal_minutes": _lt(
        "%(minutes)s minutes of the practitioner personally → %(code)s ×%(units)s"
    ),
    "g0506": _lt("The practitioner's own assessment and planning beyond the visit of %(day)s"),
    # Why an option is not
    "reached": _lt("%(minutes)s minutes reach %(code)s."),
    "too_few_minutes": _lt("%(code)s needs %(needed)s minutes; there are %(minutes)s."),
    "needs_mdm": _lt(
        "%(code)s needs the practitioner's moderate or high complexity medical decision making."
    ),
    "option_less": _lt("Reached, but it brings less than the codes chosen."),
    "option_equal": _lt(
        "Reached, and brings the same as the codes chosen, which ask less of the record."
    ),
    "option_later": _lt("Reached, but the practice's setting puts the codes chosen first."),
    "option_unpriced": _lt("Reached, but no price is known for it."),
    # What a whole bill is for
    "bill_staff_minutes": _lt("%(minutes)s clinical-staff minutes in %(month)s → %(codes)s"),
    "bill_personal_minutes": _lt(
        "%(minutes)s minutes of the practitioner personally in %(month)s → %(codes)s"
    ),
    "bill_g0506": _lt(
        "The practitioner's own assessment and planning beyond the visit of %(day)s → %(codes)s"
    ),
    # What only a mock audit says
    "audit_early": _lt("Minutes logged before the consent, none of which is billed: %(minutes)s."),
    "audit_notes": _lt("Time entries whose note says too little, or nothing: %(count)s."),
    "audit_copied": _lt("Time entries whose note has the very words of another: %(count)s."),
    "audit_overlap": _lt(
        "Time entries during which the same person was at other work as well: %(count)s."
    ),
    "audit_units": _lt(
        "%(code)s is billed with %(units)s unit(s); today's minutes carry %(allowed)s."
    ),
    # Why seconds do not count
    "not_counting": _lt("work that does not count"),
    "simultaneous": _lt("two people at once (counted once)"),
    "before_consent": _lt("before the consent"),
    "before_enrollment": _lt("before the enrollment began"),
    "after_enrollment": _lt("after the enrollment ended"),
    "before_visit": _lt("before the initiating visit"),
    "inpatient": _lt("while in hospital or skilled nursing"),
    "visit_day": _lt("on the day of a visit"),
}


def as_json(params):
    """Return a reason's parameters with their dates as ISO text, fit for a Json field."""
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in params.items()}


def codes_text(lines):
    """Return ``(code, units)`` of billed lines in short: ``99490 + 99439 ×2``."""
    return " + ".join(code if units == 1 else f"{code} ×{units}" for code, units in lines)


def say(env, code, params=None):
    """Return the sentence for a reason in the language of ``env``."""
    shown = dict(params or {})
    if shown.get("day"):
        shown["day"] = format_date(env, shown["day"])
    if code not in WORDS:
        return code
    sentence = env._(WORDS[code])
    return sentence % shown
