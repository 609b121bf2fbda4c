"""SECURITY.md promises nothing without a test: those that it names are there."""

import re

import pytest

from processes import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
PROMISES = PAGE.partition("## What the module promises")[2].partition("\n## ")[0]
ROWS = [line for line in PROMISES.splitlines() if line.startswith("| ")][1:]
NAMED = re.compile(r"`([\w/]+/test_\w+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0][2:])
def test_promise_has_its_test(row):
    named = NAMED.findall(row)
    assert named
    for path, function in named:
        assert f"def {function or 'test_'}" in (ROOT / path).read_text(), path
