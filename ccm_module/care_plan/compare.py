"""What is new, gone or changed between two versions of a plan, line by line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` is empty for what is new, ``after`` for what is gone."""

    section: str
    before: str
    after: str

    @property
    def kind(self):
        if not self.before:
            return "new"
        return "changed" if self.after else "gone"


def compare(old, new):
    """Compare two versions.

    :param dict old: section -> ``[(identity, words)]``: lines with the same identity are one line,
        whose words may have changed
    :param dict new: likewise, the later version; its sections give the order
    :return: list of :class:`Change`, by section, new and changed ones first
    """
    changes = []
    for section, lines in new.items():
        known, now = dict(old.get(section, ())), dict(lines)
        changes += [
            Change(section, known.get(identity, ""), words)
            for identity, words in now.items()
            if words and words != known.get(identity)
        ]
        changes += [
            Change(section, words, "") for identity, words in known.items() if identity not in now
        ]
    return changes
