"""What happened to each patient of the demo practice: made up, and told in months back from today.

The last month holds at least one patient for each outcome of a month's close; the two before it
are what a practice looks like that has done this for a while.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Story:
    """One patient. Days are ``(months back, working day of that month)``.

    ``time`` maps months back to entries: ``who kind minutes[:seconds] [@working day]``, parted by
    semicolons; ``a+b`` is two people at once, ``by hand`` an entry without the timer, and
    ``review`` one whose timer ran too long.
    """

    patient: str
    practitioner: str = "hartwell"
    nurse: str = "okafor"
    conditions: str = ""  # that count
    others: str = ""  # on the problem list only
    start: tuple | None = (6, 5)
    former: str = ""  # the practitioner who billed until the start, for half a year
    stage: str = "active"  # empty: was never asked
    reason: str = ""  # why declined or ended
    end: tuple | None = None
    consent: str = "given"  # given, late, draft, or the practitioner it names
    revoked: tuple | None = None
    visit: str = "before"  # before the start; planning (G0506), on the day itself; none
    seen: tuple = ()  # days of later visits
    asked: tuple | None = None  # the day of the last step of those who are not enrolled
    plan: str = "given"  # given (approved, with copy), revised, no copy, draft
    complex_months: tuple = ()
    time: dict = field(default_factory=dict)


STORIES = (
    # --- months that are paid, one for each way to get there ------------------------------------
    Story(
        "okonkwo",
        conditions="E11.22 N18.32 I10",
        others="K21.9",
        start=(9, 4),
        plan="revised",
        seen=((2, 6),),
        time={
            3: "okafor call 14:20; okafor medication 9:10",
            2: "okafor call 16:05; okafor coordination 12:40; hartwell records 6:30; brandt call 9:15",
            1: "okafor call 17:25; okafor medication 11:50; okafor coordination 9:35;"
            " hartwell plan 7:10",
            0: "okafor call 11:40; okafor records 5:55",
        },
    ),
    # Complex; in hospital from the 8th to the 11th working day of last month
    Story(
        "lindqvist",
        conditions="I50.32 I48.91 J44.9",
        start=(8, 7),
        seen=((1, 13),),
        complex_months=(3, 1),
        time={
            3: "okafor transition 26; okafor coordination 22:30; brandt call 18;"
            " hartwell medication 16:20; hartwell plan 12:40",
            2: "okafor call 21:10; brandt medication 12",
            1: "okafor call 15 @2; okafor coordination 18 @9; okafor transition 24:30 @12;"
            " hartwell medication 15:30 @14; okafor coordination 19:40 @15;"
            " hartwell plan 11:20 @16; brandt call 14 @18",
            0: "okafor call 13:20; okafor coordination 8:45",
        },
    ),
    # Spanish; the plan pays its own price. Last month reaches 20 minutes by a shared conference.
    Story(
        "delgado",
        practitioner="ibarra",
        nurse="brandt",
        conditions="E11.9 E78.5 I10",
        start=(7, 9),
        time={
            3: "brandt call 13:30; brandt medication 8:20",
            2: "brandt call 12; brandt referral 10:30",
            1: "brandt call 14:15",
            0: "brandt call 9:45",
        },
    ),
    # Both further units of staff time
    Story(
        "penaloza",
        conditions="E11.65 I25.10 I10",
        start=(10, 3),
        time={
            3: "okafor call 15; okafor medication 14; okafor referral 12:30",
            2: "okafor call 17; brandt call 13",
            1: "okafor call 19:30; okafor referral 16:45; okafor medication 15:20;"
            " brandt call 14:50",
            0: "okafor call 8:10; brandt records 6",
        },
    ),
    # The practitioner's own time: 30 minutes, and 90
    Story(
        "westhuizen",
        nurse="brandt",
        conditions="G30.9 I10",
        start=(12, 6),
        time={
            3: "hartwell call 18; hartwell plan 15:30",
            2: "brandt call 12:10; brandt coordination 11",
            1: "hartwell call 31 @3; hartwell coordination 24:30 @7; hartwell plan 22 @12;"
            " hartwell call 15:30 @17",
            0: "brandt call 7:30",
        },
    ),
    Story(
        "thordis",
        practitioner="ibarra",
        nurse="brandt",
        conditions="J45.40 M05.79",
        start=(6, 12),
        time={
            3: "brandt call 22:10",
            2: "ibarra medication 18; ibarra call 14:40",
            1: "ibarra call 19:20; ibarra medication 13",
            0: "ibarra call 6:15",
        },
    ),
    # The practitioner's minutes help the staff's over the line; a visit on the day of a call
    Story(
        "nguyen",
        conditions="E11.9 M81.0 I10",
        start=(5, 8),
        seen=((1, 8),),
        time={
            3: "okafor call 20:30",
            2: "okafor call 12; hartwell medication 9:10",
            1: "okafor call 4:20 @8; hartwell medication 8:10",
        },
    ),
    # Two people at work at the same moment: counted once
    Story(
        "thibodeaux",
        conditions="I50.32 N18.32",
        start=(11, 10),
        time={
            3: "okafor call 23:10",
            2: "okafor call 14; brandt call 8:50",
            1: "okafor+hartwell coordination 18+15 @6; brandt call 7:40 @14",
            0: "okafor call 12",
        },
    ),
    # New last month, with G0506; the first call came before the consent
    Story(
        "whitfield",
        practitioner="ibarra",
        nurse="brandt",
        conditions="E11.9 I10 E66.01",
        start=(1, 5),
        visit="planning",
        time={
            1: "brandt call 6 @3; brandt plan 14:30 @9; brandt call 12:10 @15",
            0: "brandt call 21:15",
        },
    ),
    # A diagnosis that is not on the list of chronic ones: the practitioner is asked
    Story(
        "marroquin",
        practitioner="ibarra",
        conditions="I10 F32.A",
        start=(4, 4),
        time={
            3: "okafor call 21:30",
            2: "okafor call 14; okafor referral 9:20",
            1: "okafor call 16:10; okafor records 12",
            0: "okafor call 5:05",
        },
    ),
    # Pays himself
    Story(
        "fitzgerald",
        conditions="E78.5 I10 G47.33",
        start=(5, 11),
        time={
            3: "okafor call 20:10",
            2: "okafor call 25",
            1: "okafor call 24:50; okafor medication 17:30",
            0: "okafor call 10:30",
        },
    ),
    Story(
        "novotna",
        practitioner="ibarra",
        nurse="brandt",
        conditions="M81.0 I10 N18.32",
        start=(9, 9),
        time={
            3: "brandt call 21:40",
            2: "brandt call 13; brandt medication 11",
            1: "brandt call 12:30",
        },
    ),
    # The month before last was credited; to bill it again failed today, so it waits as ready
    Story(
        "szabo",
        conditions="E11.9 E78.5",
        start=(4, 6),
        consent="late",
        time={
            3: "okafor call 24",
            2: "okafor call 22:10",
            1: "okafor call 21:05 by hand",
            0: "okafor call 7:50",
        },
    ),
    # --- too few minutes --------------------------------------------------------------------------
    Story(
        "kowalczyk",
        nurse="brandt",
        conditions="J44.9 I10",
        start=(4, 9),
        time={3: "brandt call 21", 2: "brandt call 11:20", 1: "brandt call 12:05"},
    ),
    # Nothing is rounded up
    Story(
        "muller",
        practitioner="ibarra",
        conditions="E78.5 I10",
        start=(5, 13),
        time={
            3: "okafor call 22",
            2: "okafor call 13; okafor records 8:20",
            1: "okafor call 11:10; okafor records 8:30",
            0: "okafor call 10:20; okafor records 4:10",
        },
    ),
    # --- blocked, each for another reason ---------------------------------------------------------
    Story(
        "achterberg",
        conditions="I25.10 E78.5",
        start=(2, 6),
        plan="no copy",
        time={
            2: "okafor call 14 @9; okafor plan 9 @13",
            1: "okafor call 26:15",
            0: "okafor call 6:40",
        },
    ),
    Story(
        "chao",
        practitioner="ibarra",
        nurse="brandt",
        conditions="I10 N18.32",
        start=(1, 3),
        plan="draft",
        time={1: "brandt plan 16:30 @6; brandt call 14:50 @12", 0: "brandt call 8:20"},
    ),
    # Was the nurse practitioner's patient until last month, and consented to him
    Story(
        "boyd",
        conditions="I25.10 I10 E11.9",
        start=(1, 1),
        former="ibarra",
        consent="ibarra",
        time={
            3: "brandt call 20:50",
            2: "brandt call 23:15",
            1: "okafor call 24:10 @9",
            0: "okafor call 4:30",
        },
    ),
    Story(
        "sorensen",
        practitioner="ibarra",
        nurse="brandt",
        conditions="M81.0",
        others="K21.9",
        start=(1, 4),
        time={1: "brandt call 22:25 @11"},
    ),
    Story(
        "papadakis",
        nurse="brandt",
        conditions="J44.9 F33.0",
        start=(6, 8),
        time={
            3: "brandt call 21",
            2: "brandt call 24",
            1: "brandt call 13:30 @4; brandt medication 9:20 @10; brandt records 250:10 @17 review",
            0: "brandt call 10:05",
        },
    ),
    # Ended his consent the month before last; somebody called him all the same
    Story(
        "achebe",
        conditions="I10 E11.9",
        start=(7, 2),
        revoked=(2, 12),
        time={3: "okafor call 22", 2: "okafor call 20:40 @5", 1: "brandt call 21:15 @2"},
    ),
    Story(
        "omalley",
        practitioner="ibarra",
        nurse="brandt",
        conditions="I10 M17.11",
        start=(1, 2),
        visit="none",
        time={1: "brandt call 25:30 @8", 0: "brandt call 3:40"},
    ),
    # On dialysis since last month
    Story(
        "castellanos",
        conditions="E11.22 I10",
        start=(6, 3),
        time={3: "okafor call 22", 2: "okafor call 23:30", 1: "okafor coordination 24:20"},
    ),
    # --- not to be billed -------------------------------------------------------------------------
    Story(
        "adeyemi",
        practitioner="ibarra",
        nurse="brandt",
        conditions="I48.91 I10",
        start=(8, 5),
        stage="ended",
        reason="moved",
        end=(1, 9),
        time={3: "brandt call 20:45", 2: "brandt call 26", 1: "brandt transition 21:30 @4"},
    ),
    # --- on the way in, or not --------------------------------------------------------------------
    Story("pettigrew", conditions="E11.9 I10", start=None, stage="candidate", asked=(1, 17)),
    Story("granger", conditions="I50.32 I10", start=None, stage="contacted", asked=(1, 12)),
    Story(
        "park",
        practitioner="ibarra",
        conditions="E11.9 E78.5",
        start=None,
        stage="considering",
        asked=(1, 15),
        consent="draft",
    ),
    Story(
        "dubois",
        conditions="J44.9 I10",
        start=None,
        stage="declined",
        reason="cost_sharing",
        seen=((5, 9),),
        asked=(4, 3),
    ),
    Story(
        "tuttle",
        practitioner="ibarra",
        conditions="N18.32 I10",
        start=None,
        stage="declined",
        reason="no_calls",
        seen=((10, 4),),
        asked=(9, 11),
    ),
    # --- could be asked, or nearly ------------------------------------------------------------------
    Story("haddad", conditions="E11.9 I10 M17.11", start=None, stage="", seen=((2, 4),)),
    Story("marquez", conditions="E11.22 N18.32", start=None, stage="", seen=((4, 16),)),
    Story("bjornstad", conditions="J44.9", others="K21.9", start=None, stage="", seen=((1, 3),)),
    Story("whitlock", conditions="I48.91 I10", start=None, stage="", seen=((14, 8),)),
)

# One talk with the pharmacist about three patients: (months back, working day, who, minutes, whom)
SHARED = (1, 13, "brandt", 30, ("delgado", "nguyen", "novotna"))
# (patient, kind, months back, first working day, last one or None)
OTHER_CARE = (
    ("lindqvist", "inpatient", 1, 8, 11),
    ("castellanos", "esrd", 1, 1, None),
    ("okonkwo", "rpm", 3, 1, None),
    ("omalley", "pcm", 2, 3, None),
)
COMPLEX_NOTE = (
    "Three interacting conditions, a hospital stay, and a change of two medicines that need"
    " laboratory checks: decision making of high complexity."
)
NOT_BILLED = ("adeyemi", 1, "Moved to her son's town; the practice there bills this month.")
CREDITED = ("szabo", 2, "The payer's number was wrong on this bill.")
FAILED = (
    "An invoice that failed looks like this (demo). Tomorrow night tries again; so does Invoice."
)
