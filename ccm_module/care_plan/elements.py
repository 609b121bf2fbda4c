"""The elements that CMS says a comprehensive care plan typically includes (CMS CCM FAQ).

They are typical: not every patient needs each of them, so what is missing is shown and never
blocks. The list lives here only; the meter, the form and the empty-plan check read it.
"""

# Each element is named after the field that stands for it; any of its fields fills it.
ELEMENTS = {
    "problem_list": ("problem_list",),
    "expected_outcome": ("expected_outcome",),
    "goal_ids": ("goal_ids",),
    "cognitive_functional": ("cognitive_functional",),
    "symptom_management": ("symptom_management",),
    "intervention_ids": ("intervention_ids",),
    "medication_ids": ("medication_ids", "medication_management"),
    "environment": ("environment",),
    "caregiver": ("caregiver",),
    "coordination": ("coordination",),
    "service_ids": ("service_ids",),
    "review_due": ("review_due",),
}
FIELDS = tuple(name for names in ELEMENTS.values() for name in names)

# A plan is looked at as a whole at least this often; the practice may say sooner on each plan.
REVIEW_MONTHS = 12


def completeness(filled):
    """Tell how complete a plan is.

    :param filled: names of the plan's fields that hold something
    :return: ``(percent, missing)``: whole percent, never 100 while something is missing, and the
        names of the elements that are not filled, in order
    """
    missing = [name for name, names in ELEMENTS.items() if filled.isdisjoint(names)]
    return (len(ELEMENTS) - len(missing)) * 100 // len(ELEMENTS), missing
