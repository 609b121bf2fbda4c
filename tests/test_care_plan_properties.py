"""What holds however templates flow together, searched for counterexamples by hypothesis.

Claimed of the merge of rows: every offer ends up in the plan, once; offers that are the same are one
row, in the order of their first; origins are all there and each once; what stood there stays, whole
and in place; merging again changes nothing. Claimed of the merge of texts: what stood there is still
the beginning, to the letter; no line comes twice; every line offered is there; merging again changes
nothing. Claimed of the codes: a prefix matches what begins with it, a range what lies in it.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.ccm_module.care_plan.codes import matches, parse
from odoo.addons.ccm_module.care_plan.elements import ELEMENTS, FIELDS, completeness
from odoo.addons.ccm_module.care_plan.merge import Row, merge_rows, merge_text, normalized

settings.register_profile("care_plan", deadline=None, derandomize=True, max_examples=300)
settings.load_profile("care_plan")

# few names and keys, so that they meet; spellings that are the same to a reader
NAMES = ("Walk", "walk ", "WALK.", "Eat less salt", "Eat  less salt", "Weigh daily", "Rest")
rows = st.builds(
    Row,
    name=st.sampled_from(NAMES),
    key=st.sampled_from(("", "", "move", "salt")),
    origins=st.sampled_from(((), ("Heart",), ("Lungs",), ("Heart", "Lungs"))),
)
row_lists = st.lists(rows, max_size=8)
lines = st.sampled_from((*NAMES, "", "  ", "911: call."))
texts = st.lists(lines, max_size=5).map("\n".join) | st.none() | st.just(False)


def same(one, other):
    return normalized(one.name) == normalized(other.name) or (one.key and one.key == other.key)


def applied(present, offered):
    """Return the plan's rows after the merge."""
    added, grown = merge_rows(present, offered)
    kept = [
        Row(row.name, row.key, grown.get(index, row.origins)) for index, row in enumerate(present)
    ]
    return kept + added


@given(row_lists, row_lists)
def test_what_stood_there_stays_and_every_offer_is_there(present, offered):
    after = applied(present, offered)
    for before, now in zip(present, after, strict=False):
        assert (before.name, before.key) == (now.name, now.key)
        assert now.origins[: len(before.origins)] == before.origins
    for offer in offered:
        # by itself, or by way of one that is the same as both
        assert any(same(offer, row) or set(offer.origins) <= set(row.origins) for row in after)
    added = after[len(present) :]
    for row in added:
        assert not any(same(row, other) for other in after if other is not row)
        assert len(set(row.origins)) == len(row.origins)
    firsts = [(row.name, row.key) for row in offered]
    places = [firsts.index((row.name, row.key)) for row in added]
    assert places == sorted(places)


@given(row_lists, row_lists)
def test_merging_again_changes_nothing(present, offered):
    after = applied(present, offered)
    assert applied(after, offered) == after


@given(row_lists, row_lists)
def test_every_origin_is_kept(present, offered):
    after = applied(present, offered)
    for offer in offered:
        known = set().union(*(row.origins for row in after)) if after else set()
        assert set(offer.origins) <= known


@given(texts, st.lists(texts, max_size=4))
def test_text_that_stood_there_is_still_the_beginning(text, offered):
    after = merge_text(text, offered)
    assert (after or "").startswith(text or "")
    have = [normalized(line) for line in (after or "").splitlines()]
    for line in (line for part in offered for line in (part or "").splitlines() if line.strip()):
        assert normalized(line) in have
    fresh = have[len((text or "").splitlines()) :]
    assert len(set(fresh)) == len(fresh)
    assert not set(fresh) & {normalized(line) for line in (text or "").splitlines()}
    assert merge_text(after, offered) == after


@given(st.sampled_from(("E11", "I10", "F32.A", "J44.9", "I20-I25", "E11.2-E11.6")))
def test_parts_match_their_own_beginnings(part):
    first, last = parse(part)[0]
    for code in (first, last, first + "0", last + "Z9"):
        assert matches(parse(part), code)
    assert not matches(parse(part), "A00.0")


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("I20-I25", "I25.10", True),
        ("I20-I25", "I26.99", False),
        ("I20-I25", "I2", False),
        ("F32.A", "F32.9", False),
        ("e11 , i10;J44", "J44.9", True),
        ("I10-I13, I15", "I14.0", False),
        ("", "I10", False),
    ],
)
def test_codes(text, code, expected):
    assert matches(parse(text), code) is expected


@pytest.mark.parametrize("text", ["diabetes", "E11-", "I25-I20", "11E", "E11 I10", "E11\u2013E13"])
def test_what_is_no_code_is_refused_by_name(text):
    with pytest.raises(ValueError, match=text):
        parse(f"I10, {text}")


@given(st.sets(st.sampled_from(FIELDS)))
def test_full_marks_only_for_all_elements(filled):
    percent, missing = completeness(filled)
    assert 0 <= percent <= 100
    assert (percent == 100) == (not missing)
    assert set(missing) <= ELEMENTS.keys()
    assert completeness(filled | set(missing)) == (100, [])
