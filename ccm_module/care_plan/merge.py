"""How templates flow together into one plan, and never over what a person has typed.

Two offers are the same when they carry the same key, or the same words but for case, spacing and
the final stop. The first one offered gives the wording; every origin is remembered.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """A goal, intervention or service: of a plan already, or offered by a template."""

    name: str
    key: str = ""
    origins: tuple = ()
    payload: object = field(default=None, compare=False)


def normalized(text):
    """Return ``text`` as far as it matters for being the same."""
    return " ".join((text or "").casefold().split()).rstrip(".;, ")


def _signs(row):
    return {("name", normalized(row.name))} | ({("key", row.key)} if row.key else set())


def merge_rows(present, offered):
    """Merge ``offered`` rows into those ``present``.

    :return: ``(added, origins)``: the rows to add, in order, each once with all its origins; and
        ``{index in present: origins}`` of the present rows whose origins grew
    """
    rows = [[_signs(row), row, list(row.origins)] for row in present]
    count = len(rows)
    for row in offered:
        signs = _signs(row)
        same = next((known for known in rows if known[0] & signs), None)
        if same is None:
            same = [set(), row, []]
            rows.append(same)
        same[0] |= signs
        same[2] += [origin for origin in row.origins if origin not in same[2]]
    added = [
        Row(row.name, row.key, tuple(origins), row.payload) for _s, row, origins in rows[count:]
    ]
    grown = {
        index: tuple(origins)
        for index, (_s, row, origins) in enumerate(rows[:count])
        if tuple(origins) != row.origins
    }
    return added, grown


def merge_text(text, offered):
    """Return ``text`` with the lines of ``offered`` texts after it that it does not hold yet.

    What stands there stays as it is, to the letter.
    """
    seen = {normalized(line) for line in (text or "").splitlines()}
    fresh = []
    for line in (line for part in offered for line in (part or "").splitlines()):
        if line.strip() and normalized(line) not in seen:
            seen.add(normalized(line))
            fresh.append(line.strip())
    if not fresh:
        return text
    if text and not text.endswith("\n"):
        text += "\n"
    return (text or "") + "\n".join(fresh)
