"""Odoo's own linters (its addon test_lint) on our addons alone: odoo_lint.py DATABASE ADDON...

They walk over every addon and every model there is. Here the walk over files is narrowed to ours, and
of what they say about models only that is kept which names ours. test_lint is not installed for it.
"""

import ast
import contextlib
import importlib
import io
import logging
import pathlib
import sys
import unittest
from unittest.mock import patch

import odoo.modules.registry
from odoo.modules import Manifest
from odoo.tests import case
from odoo.tools import config

# test_pylint is replaced by pylint-odoo; test_checkers tests the linters; test_eslint needs eslint;
# test_markers walks over the whole of Odoo for conflict markers.
LEFT_OUT = {"test_pylint", "test_checkers", "test_eslint", "test_markers"}


class Kept(logging.Handler):
    """Some of the linters only write to the log."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


class Result(unittest.TextTestResult):
    ours = ()

    def addSubTest(self, test, subtest, err):
        # one model or addon is one subtest: those of Odoo itself are not ours to mend
        if err is None or self._is_ours(subtest.params, err):
            super().addSubTest(test, subtest, err)

    def _is_ours(self, params, err):
        named = params.get("module", self.ours[0]) in self.ours
        return named or any(name in str(err[1]) for name in self.ours)


def load():
    package = "odoo.addons.test_lint.tests"
    source = pathlib.Path(importlib.import_module("odoo.addons.test_lint").__file__)
    tree = ast.parse((source.parent / "tests/__init__.py").read_text())
    names = [alias.name for node in tree.body for alias in node.names]
    for name in names:
        if name not in LEFT_OUT:
            yield unittest.defaultTestLoader.loadTestsFromName(f"{package}.{name}")


def main(database, *addons):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    odoo.modules.registry.Registry(database)
    # Odoo's test case wants Odoo's runner for its subtests
    case.TestCase.subTest = unittest.TestCase.subTest
    case.TestCase.run = unittest.TestCase.run
    from odoo.tests import BaseCase

    with contextlib.suppress(AttributeError):
        del BaseCase.run

    kept = Kept()
    logging.getLogger("odoo.addons.test_lint").addHandler(kept)
    Result.ours = addons
    manifests = [Manifest.for_addon(name) for name in addons]
    output = io.StringIO()
    with patch.object(Manifest, "all_addon_manifests", lambda: manifests):
        suite = unittest.TestSuite(load())
        result = unittest.TextTestRunner(stream=output, resultclass=Result).run(suite)
    bad = [message for message in kept.messages if "ccm" in message]
    print(output.getvalue() if not result.wasSuccessful() else "", *bad, sep="\n")
    print(f"test_lint: {result.testsRun} tests, {len(result.failures + result.errors)} failures")
    return 0 if result.wasSuccessful() and not bad and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
