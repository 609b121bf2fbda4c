"""Which diagnoses a template is for: ICD-10-CM code prefixes and ranges, as people write them."""

import re

_PART = re.compile(r"([A-Z][0-9][0-9A-Z]{0,5})(?:\s*-\s*([A-Z][0-9][0-9A-Z]{0,5}))?")


def parse(text):
    """Return ``[(first, last)]`` prefixes for a text such as ``"E11, I20-I25, F32.A"``.

    :raises ValueError: with the part that is neither a code prefix nor a range of two
    """
    ranges = []
    for part in re.split(r"[,;\n]+", text or ""):
        if not part.strip():
            continue
        found = _PART.fullmatch(part.replace(".", "").strip().upper())
        first, last = found.groups() if found else (None, None)
        if not first or (last and last < first):
            raise ValueError(part.strip())
        ranges.append((first, last or first))
    return ranges


def matches(ranges, code):
    """Tell whether ``code`` begins with one of the prefixes, or lies in one of the ranges."""
    plain = code.replace(".", "").upper()
    return any(
        first <= plain[: len(first)] and plain[: len(last)] <= last for first, last in ranges
    )
