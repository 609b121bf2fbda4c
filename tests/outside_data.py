"""Files of others to test against: not in the repository, found where the machine keeps them.

They are looked for in the folder that CCM_OUTSIDE_DATA names, or in shared/data beside the checkout.
Without them a test is skipped; where CI is set that is a failure instead.
"""

import json
import os
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("CCM_OUTSIDE_DATA") or ROOT.parent / "shared" / "data")


def content(name):
    """Return the bytes of an outside file; skip (or, under CI, fail) where it is not."""
    path = FOLDER / name
    if path.exists():
        return path.read_bytes()
    why = f"outside data: {name} is not in {FOLDER}; set CCM_OUTSIDE_DATA to its folder"
    if os.environ.get("CI"):
        raise AssertionError(why)
    raise unittest.SkipTest(why)


def resources(name):
    """Return the FHIR resources of an ndjson file, as dicts."""
    return [json.loads(line) for line in content(name).decode().splitlines() if line]
