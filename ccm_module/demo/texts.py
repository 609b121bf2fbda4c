"""The words of the demo's record: what a nurse or a practitioner would write. All made up."""

# By the beginning of the ICD-10-CM code: (goal, how it is measured, symptoms, interventions, calls)
BY_CONDITION = {
    "E11": (
        "Blood sugar in range",
        "HbA1c below 7.5 %",
        "Knows the signs of low sugar; glucose tablets in the bag.",
        "Nurse: glucose log each week. Practitioner: HbA1c every three months.",
        (
            "Went through the glucose log: fasting 118 to 152, no lows. Feet checked daily.",
            "Talked over meals on weekends, when readings run high. Will measure after supper.",
            "Two readings below 80 before lunch; moved the morning snack. Told the practitioner.",
        ),
    ),
    "I10": (
        "Blood pressure in range at home",
        "Below 130/80 in four weeks of seven readings",
        "Calls the practice when above 160, or when dizzy.",
        "Nurse: log every two weeks. Patient: less salt, cuff on the kitchen table.",
        (
            "Home readings 126 to 138 over 70 to 82. No dizziness. Took every dose.",
            "Cuff reads ten points high; asked to bring it to the office. Log goes on.",
        ),
    ),
    "I50": (
        "No hospital stay for heart failure",
        "Within 3 lb of dry weight, weighed daily",
        "More than 3 lb in a day or 5 lb in a week: calls at once.",
        "Nurse: weight log each week. Cardiologist: visit every six months.",
        (
            "Weight steady within 2 lb. No swelling, sleeps on one pillow. Salt talked over.",
            "Up 4 lb since Monday. Told the practitioner; water tablet doubled for three days.",
        ),
    ),
    "J44": (
        "No emergency visit for breathing",
        "None in six months",
        "Rescue inhaler more than twice a day: calls the practice.",
        "Nurse: inhaler technique each quarter. Flu and pneumonia shots up to date.",
        (
            "Rescue inhaler twice this week. Went through the technique with the spacer.",
            "Breathing as usual, walks to the mailbox. Refill of the long-acting inhaler asked for.",
        ),
    ),
    "J45": (
        "Sleeps through the night",
        "Wakes for asthma less than once a week",
        "Yellow zone plan is on the refrigerator.",
        "Nurse: peak flow log. Practitioner: step down after three quiet months.",
        ("Peak flow 340 to 380, woke once this week. Went through the yellow zone plan.",),
    ),
    "N18": (
        "Kidney function stays where it is",
        "eGFR loss below 5 a year",
        "Swelling, or much less urine: calls the practice.",
        "Nurse: no NSAIDs, on every list. Nephrologist: visit every six months.",
        ("Went through the pain relievers at home: took the ibuprofen out. Labs next week.",),
    ),
    "F3": (
        "Better mood",
        "PHQ-9 below 10",
        "Knows the 988 line; daughter is told on bad days.",
        "Nurse: PHQ-9 each month. Counselor: every two weeks.",
        ("PHQ-9 by phone: 9, was 13. Sleeps better, sees her sister on Sundays again.",),
    ),
    "G30": (
        "Safe at home, and the daughter has rest",
        "Four hours of respite a week",
        "Wandering, falls or a new fear: the daughter calls.",
        "Practitioner: family call each month. Nurse: adult day program.",
        (
            "With the daughter: nights are worse. Door alarm talked over; respite form filled in.",
            "Daughter tired; day program has a place on Tuesdays. Stove knobs are off now.",
        ),
    ),
    "M": (
        "Walks without fear of falling",
        "15 minutes a day, no fall in six months",
        "A fall or new back pain: calls the practice.",
        "Nurse: home safety list. Physical therapy: eight visits.",
        ("No falls. Walks to the corner and back. Rug in the hall is gone. Takes vitamin D.",),
    ),
    "": (
        "Takes the medicines as agreed",
        "Refills on time for six months",
        "Chest pain or weakness on one side: 911.",
        "Nurse: pill box each month. Practitioner: labs twice a year.",
        (
            "Pill box filled right for three weeks of four. Set the phone's alarm together.",
            "Feels well. Asked about muscle aches: none. Labs are booked for next week.",
        ),
    ),
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
    "medication_management": "One list, checked each month against bottles and pharmacy.",
    "environment": "One floor, grab bars in the bath. Smoke alarms work.",
    "caregiver": "Family near by and willing; knows whom to call at night.",
    "coordination": "Letters go to the specialists named in the chart; pharmacy on Depot Street.",
}


def of_condition(code):
    """Return the texts for a diagnosis, or those for any."""
    found = next((start for start in BY_CONDITION if start and code.startswith(start)), "")
    return BY_CONDITION[found]


def note(kind, codes, number):
    """Return what was done: ``number`` picks among the texts for that kind and these diagnoses."""
    if kind in BY_KIND:
        pool = BY_KIND[kind]
    else:
        pool = [text for code in codes for text in of_condition(code)[4]]
    return pool[number % len(pool)]
