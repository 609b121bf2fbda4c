"""The two numbers a Medicare claim cannot do without, checked as text: no ORM, no look-up.

A valid number is a *possible* one: whether it was issued, and to whom, only NPPES (for the NPI)
or a Medicare eligibility answer (for the MBI) can say.
"""

import re

# CMS leaves out the letters that are easily read as digits.
_MBI_LETTER = "AC-HJKMNPQRT-Y"
_MBI = re.compile(
    rf"[1-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][{_MBI_LETTER}][0-9][0-9]"
)
# The card prints 1EG4-TE5-MK73; people also copy blanks.
_SEPARATORS = re.compile(r"[\s-]")
_CARD_ISSUER_PREFIX = "80840"


def normalize(text):
    """Return an NPI or MBI as files carry it: upper case, without blanks and dashes.

    >>> normalize(" 1eg4-te5-mk73 ")
    '1EG4TE5MK73'
    >>> normalize(None)
    ''
    """
    return _SEPARATORS.sub("", text or "").upper()


def npi_is_valid(text):
    """Tell whether ``text`` is a well-formed National Provider Identifier.

    Ten digits, the last of which is a Luhn check digit worked out as if 80840 (health, United
    States) stood before them. Source: HHS final rule 69 FR 3434 (23 January 2004) and the CMS
    paper "Requirements for National Provider Identifier and NPI Check Digit". The first digit is
    not looked at: the rule only says that numbers are *initially* issued with 1 or 2, and synthetic
    records use 9.

    >>> npi_is_valid("1234567893")
    True
    >>> npi_is_valid("1234567890"), npi_is_valid("123456789"), npi_is_valid("12345678X3")
    (False, False, False)
    >>> npi_is_valid(""), npi_is_valid(None)
    (False, False)
    """
    npi = normalize(text)
    # isdecimal() alone would let the digits of other scripts through
    if len(npi) != 10 or not (npi.isascii() and npi.isdecimal()):
        return False
    total = 0
    for position, char in enumerate(reversed(_CARD_ISSUER_PREFIX + npi)):
        digit = int(char)
        if position % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def mbi_is_valid(text):
    """Tell whether ``text`` has the shape of a Medicare Beneficiary Identifier.

    Eleven positions, fixed as digit (1-9), letter, either, digit, letter, either, digit, letter,
    letter, digit, digit; never the letters S, L, O, I, B, Z. There is no check digit. Lower case
    and the card's dashes are accepted; see :func:`normalize`. Source: CMS, "Understanding the
    Medicare Beneficiary Identifier (MBI) Format".

    >>> mbi_is_valid("1EG4-TE5-MK73"), mbi_is_valid("1eg4te5mk73")
    (True, True)
    >>> mbi_is_valid("0EG4TE5MK73"), mbi_is_valid("1SG4TE5MK73"), mbi_is_valid("1EG4TE5MK7")
    (False, False, False)
    >>> mbi_is_valid(None)
    False
    """
    return bool(_MBI.fullmatch(normalize(text)))
