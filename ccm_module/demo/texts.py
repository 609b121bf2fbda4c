"""The words of the demo's record: what a nurse or a practitioner would write. All made up."""

# What was said and done, by the beginning of the ICD-10-CM code
CALLS = {
    "E11": (
        "Went through the glucose log: fasting 118 to 152, no lows. Feet checked daily.",
        "Talked over meals on weekends, when readings run high. Will measure after supper.",
        "Two readings below 80 before lunch; moved the morning snack. Told the practitioner.",
    ),
    "I10": (
        "Home readings 126 to 138 over 70 to 82. No dizziness. Took every dose.",
        "Cuff reads ten points high; asked to bring it to the office. Log goes on.",
    ),
    "I50": (
        "Weight steady within 2 lb. No swelling, sleeps on one pillow. Salt talked over.",
        "Up 4 lb since Monday. Told the practitioner; water tablet doubled for three days.",
    ),
    "J44": (
        "Rescue inhaler twice this week. Went through the technique with the spacer.",
        "Breathing as usual, walks to the mailbox. Refill of the long-acting inhaler asked for.",
    ),
    "J45": ("Peak flow 340 to 380, woke once this week. Went through the yellow zone plan.",),
    "N18": ("Went through the pain relievers at home: took the ibuprofen out. Labs next week.",),
    "F3": ("PHQ-9 by phone: 9, was 13. Sleeps better, sees her sister on Sundays again.",),
    "G30": (
        "With the daughter: nights are worse. Door alarm talked over; respite form filled in.",
        "Daughter tired; day program has a place on Tuesdays. Stove knobs are off now.",
    ),
    "M": ("No falls. Walks to the corner and back. Rug in the hall is gone. Takes vitamin D.",),
    "": (
        "Pill box filled right for three weeks of four. Set the phone's alarm together.",
        "Feels well. Asked about muscle aches: none. Labs are booked for next week.",
    ),
}

# (medicine, how it is taken, what for), by the beginning of the ICD-10-CM code
MEDICINES = {
    "E11": ("Metformin", "500 mg, one tablet with breakfast and one with supper", "Blood sugar"),
    "I10": ("Lisinopril", "10 mg, one tablet in the morning", "Blood pressure"),
    "I25": ("Aspirin", "81 mg, one tablet in the morning", "Keeps the heart's arteries open"),
    "I48": ("Apixaban", "5 mg, one tablet in the morning and one at night", "Prevents a stroke"),
    "I50": ("Furosemide", "20 mg, one tablet in the morning", "Takes water off"),
    "E78": ("Atorvastatin", "20 mg, one tablet at night", "Cholesterol"),
    "J44": ("Tiotropium inhaler", "Two puffs in the morning", "Keeps the airways open"),
    "J45": ("Budesonide inhaler", "Two puffs in the morning and two at night", "Calms the airways"),
    "F3": ("Sertraline", "50 mg, one tablet in the morning", "Mood"),
    "G30": ("Donepezil", "5 mg, one tablet at night", "Memory"),
    "M81": ("Alendronate", "70 mg, one tablet each Sunday, upright and with water", "Bones"),
}

# How far a goal is reached some weeks on, by its key in the templates
REACHED = {
    "bp": "134/76 on average of two weeks",
    "sugar": "HbA1c 7.6 percent",
    "weight_even": "Within two pounds",
    "mood": "PHQ-9 at 9, was 13",
}

# By kind of activity, where the words do not depend on the condition
BY_KIND = {
    "medication": (
        "Compared the pharmacy's list with the pill bottles by phone; two old ones thrown away.",
        "Looked for interactions before the new dose; asked for a potassium level.",
        "Reconciled the list after the specialist's letter. Patient repeats the new dose.",
    ),
    "coordination": (
        "Called the cardiology office: letter faxed, next visit moved up.",
        "Talked with the pharmacist and the home aide about the pill box.",
        "Asked the eye clinic for the report; put it into the chart.",
    ),
    "records": (
        "Read the laboratory results and the specialist's letter; nothing to change.",
        "Went through the home readings before the call.",
        "Compared the discharge letter with the care plan.",
    ),
    "plan": (
        "Revised goals and interventions with the patient's own words.",
        "Wrote the plan's draft from the problem list and the last visit.",
    ),
    "referral": (
        "Found a ride to the clinic with the county's senior van.",
        "Meals at home: application sent to the agency on aging.",
    ),
    "transition": (
        "Called on the second day after discharge: medicines at hand, follow-up booked.",
        "Sent the summary and the medicine list to the next practice.",
    ),
}
SHARED_NOTE = "Conference with the pharmacist: refills and interactions, patient by patient."
REVIEW_NOTE = "Looked through the chart. Timer was still running after lunch."
BY_HAND = "Call came in away from the desk; time taken from the phone's log."
LATE_CONSENT = "Given at the visit; put on record when the paper chart was carried over."
SPANISH = " Talked in Spanish."

PLAN = {
    "expected_outcome": "Stays at home and independent; fewer unplanned visits.",
    "cognitive_functional": "Clock and three words without fault. Does the shopping alone.",
    "environment": "One floor, grab bars in the bath. Smoke alarms work.",
    "caregiver": "Family near by and willing; knows whom to call at night.",
    "coordination": "Letters go to the specialists named in the chart; pharmacy on Depot Street.",
}
SERVICE = {
    "name": "Senior center lunch",
    "contact": "Lower Ferry Senior Center, 555-0134",
    "status": "active",
}


def _of_code(table, code):
    """Return what ``table`` holds for a diagnosis, by the beginning of its code, or for any."""
    found = next((start for start in table if start and code.startswith(start)), "")
    return table.get(found)


def medicine(code):
    """Return (medicine, how it is taken, what for), or None."""
    return _of_code(MEDICINES, code)


def note(kind, codes, number):
    """Return what was done: ``number`` picks among the texts for that kind and these diagnoses."""
    if kind in BY_KIND:
        pool = BY_KIND[kind]
    else:
        pool = [text for code in codes for text in _of_code(CALLS, code)]
    return pool[number % len(pool)]
