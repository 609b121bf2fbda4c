"""The seal: a chain of hashes over what was billed, and how anybody checks it.

Each link is a text, its *content*, and a hash. The content is JSON in its one canonical form: keys
sorted, no blanks, nothing but ASCII (``canonical``). The hash of a link is taken over the hash of
the link before it and its own content, so that no link can be changed, taken out, put in or moved
without changing every hash after it::

    hash = "$1$" + sha256(hash_before_without_its_version + content)

``$1$`` says how the hash is taken, as Odoo writes it for posted entries; another way gets another
number, and old links keep theirs. The first link of a practice has an empty hash before it.

A link holds no name, no words and no amount. ``content`` is an object of:

``form``
    how much of a row is sealed: 2 since the reason of time entered by hand is; not in older links,
    of whose rows the check compares what they say, and no more
``company``, ``sequence``
    the practice, and the number of the link there: 1, 2, 3 … without a gap
``at``
    when it was sealed, in seconds since 1970, UTC
``kind``
    ``bill`` for what a bill rests on, ``later`` for what came to it lawfully since, ``merge`` where
    two records of one patient were made one
``patient``, ``month``
    whose, and which ("2026-10"; none but for a bill)
``rows``
    what is sealed: each with its ``kind`` (``decision``, ``entry``, ``revision``, ``consent``,
    ``merge``), its ``id`` and its ``values``: identifiers and moments as numbers, and for
    everything that is words, an amount or a file the ``digest`` of it

To check the chain of a list of links, without this program and without its database, is::

    import hashlib

    before, number = "", 0
    for sequence, content, hash in links:  # in the order of their sequence
        number += 1
        assert sequence == number, f"link {number} is missing"
        wanted = hashlib.sha256((before + content).encode()).hexdigest()
        assert hash == "$1$" + wanted, f"link {number} was changed"
        before = wanted
    print(number, hash)  # to be compared with what an earlier report said

Who could rewrite the whole database could make the whole chain anew: what shows that is the hash
that an earlier report, kept outside, says of the same link.
"""

import hashlib
import json

VERSION = "$1$"
FORM = 2
# What may still be said of a record after it was sealed, once: from nothing to something.
SAID_LATER = frozenset({"scan", "revoked_on", "revoked_by_id", "revoked_reason"})
# What changes along with what somebody corrects: the role with the person, and so on.
FOLLOWS = {
    "performer": {"user_id"},
    "counts": {"type_id"},
    "source": {"start", "stop"},
}
# What names a contact, of which two may become one.
CONTACTS = frozenset({"partner_id", "practitioner_id"})


def canonical(value):
    """Return the one JSON text of ``value``."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def digest(value):
    """Return what stands in the seal for words, an amount or a file; None for nothing."""
    if not value:
        return None
    data = value if isinstance(value, bytes) else canonical(value).encode()
    return hashlib.sha256(data).hexdigest()


def hash_of(previous, content):
    """Return the hash of a link; ``previous`` is that of the link before it, or empty."""
    before = previous.removeprefix(VERSION)
    return VERSION + hashlib.sha256((before + content).encode()).hexdigest()


def broken_link(link, content, expected, previous):
    """Return what is wrong with a link as such, or None: ``missing``, ``order``, ``hash``, ``named``.

    :param dict link: its stored ``sequence``, ``content``, ``hash``, ``previous_hash``, ``kind``
        and ``company``
    :param content: what its content says; None where that cannot be read
    :param int expected: the number that comes next
    :param str previous: the hash of the link before
    """
    if link["sequence"] > expected:
        return "missing"
    if content is None or link["hash"] != hash_of(previous, link["content"]):
        # A link that is whole in itself, but stands where another was
        own = link["hash"] == hash_of(link["previous_hash"], link["content"])
        return "order" if own else "hash"
    if link["previous_hash"] != previous:
        return "order"
    said = {name: content.get(name) for name in ("sequence", "company", "kind")}
    return None if said == {name: link[name] for name in said} else "named"


def differences(sealed, now, changes=(), merged=None):
    """Return the names of those values of a row that differ from the seal without a lawful reason.

    :param dict sealed: the row's values when it was sealed
    :param dict now: its values today
    :param changes: later corrections, oldest first: ``(name, old, new)``; they must lead from the
        one to the other without a gap
    :param dict merged: which contact became which
    """
    touched = {name for name, _old, _new in changes}
    return [
        name
        for name, value in sealed.items()
        if not (value is None and name in SAID_LATER)
        and not FOLLOWS.get(name, frozenset()) & touched
        and not _leads_to(
            name, value, [*(c[1:] for c in changes if c[0] == name), (now.get(name), None)], merged
        )
    ]


def _leads_to(name, value, steps, merged):
    """Tell whether each step begins where the one before it ended, the first with ``value``."""
    for old, new in steps:
        if not _same(name, value, old, merged):
            return False
        value = new
    return True


def _same(name, one, other, merged):
    if name in CONTACTS and merged:
        return _stays(one, merged) == _stays(other, merged)
    return one == other


def _stays(contact, merged):
    """Return what a contact is by now, however often it became another."""
    for _step in merged:
        if contact not in merged:
            break
        contact = merged[contact]
    return contact
