"""Small files in the layouts of CDC, AHRQ and CMS, as far as the readers look at them."""


def icd10cm_codes(codes):
    """``icd10cm-codes-YYYY.txt``: {code without dot: description}."""
    return "".join(f"{code:<7} {name}\n" for code, name in codes.items()).encode()


def icd10cm_order(codes, headings=()):
    """``icd10cm-order-YYYY.txt``: the same, with headings (codes that are not billable)."""
    rows = [(code, "0", "A heading") for code in headings]
    rows += [(code, "1", name) for code, name in codes.items()]
    lines = (
        f"{number:05} {code:<7} {billable} {name[:60]:<60} {name}\r\n"
        for number, (code, billable, name) in enumerate(sorted(rows), 1)
    )
    return "".join(lines).encode()


def ccir(flags):
    """AHRQ's CCIR: {code without dot: "0", "1" or "9"}."""
    lines = [
        "Chronic Condition Indicator Refined v2027.1,,",
        "(0=Not chronic 1=Chronic and 9=No determination),,",
        "'ICD-10-CM CODE','ICD-10-CM CODE DESCRIPTION','CHRONIC INDICATOR'",
        *(f"'{code}',\"A name, with a comma\",{flag}" for code, flag in flags.items()),
    ]
    return "\n".join(lines).encode()


def pprrvu(rows, factor="33.4009", encoding="cp1252"):
    """CMS's PPRRVU…csv: rows of (code, modifier, status, work, PE office, PE facility, MP)."""
    blank = "," * 30
    above = (
        ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,"
        "INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,ENDO,CONV,SUPERVISION,CALCULATION,IMAGING,PAYMENT,"
        "PAYMENT,PAYMENT"
    )
    last = (
        "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,"
        "IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,"
        "AMOUNT,AMOUNT"
    )
    lines = [
        f",,2027 National Physician Fee Schedule Relative Value File January Release{blank}",
        f",,Codes and descriptions are © their owners.{blank}",
        blank,
        ",,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,MP USED",
        ",,,,FOR,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,FOR",
        above,
        last,
    ]
    lines += [
        f'{code},{modifier},"Words, ours",{status},,{work},{office},,{facility},,{mp},0,0,0,XXX,0,0,0,'
        f"0,0,0,0,0,,{factor},09,0,99,0,0,0"
        for code, modifier, status, work, office, facility, mp in rows
    ]
    return "\r\n".join(lines).encode(encoding)


def gpci(rows, without_floor=False):
    """CMS's GPCI….csv: rows of (MAC, state, number, name, work, PE, MP).

    ``without_floor``: as in early 2026, when a column of the work index without its floor came
    before the one that Medicare pays by.
    """
    floor = "2027 PW GPCI (without 1.0 Floor)," if without_floor else ""
    titles = (
        "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
        f"{floor}2027 PW GPCI (with 1.0 Floor)***,2027 PE GPCI,2027 MP GPCI"
    )
    lines = ["ADDENDUM E. FINAL CY 2027 GEOGRAPHIC PRACTICE COST INDICES", ",,,,,,", titles]
    for mac, state, number, name, work, pe, mp in rows:
        unfloored = "0.9," if without_floor else ""
        lines.append(f"{mac},{state},{number},{name},{unfloored}{work},{pe},{mp}")
    lines += ['"MAC Assignments as of November, 2026",,,,,,', ",,,,,,", "*Work GPCI has a floor."]
    return "\n".join(lines).encode()
