"""A browser test that did not run is a failure.

Odoo and pytest-odoo *skip* browser tests where there is no HTTP server, no Chromium or no websocket
library, and the run stays green. Here a skipped one fails, and so does a run of everything that held none.
"""

import os

import pytest

_browser_tests_run = set()
# what tests say of themselves, in an attribute of that name or by pytest's record_property
_measured = []


def _is_browser_test(item):
    from odoo.tests.common import HttpCase  # only once pytest-odoo has configured Odoo

    return isinstance(getattr(item, "cls", None), type) and issubclass(item.cls, HttpCase)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if _is_browser_test(item):
        if report.skipped and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"browser test was skipped: {call.excinfo.value}"
        elif report.when == "call":
            _browser_tests_run.add(item.nodeid)
    if report.when == "call":
        if measured := getattr(getattr(item, "instance", None), "measured", ""):
            _measured.append(measured)
        _measured.extend(value for name, value in item.user_properties if name == "measured")
    return report


def _none_ran(config):
    return (
        bool(os.environ.get("CCM_ALL_TESTS"))
        and not _browser_tests_run
        and not config.option.collectonly
    )


def pytest_sessionfinish(session):
    if _none_ran(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    for line in _measured:
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"browser tests run: {len(_browser_tests_run)}")
    if _none_ran(config):
        terminalreporter.write_line(
            "ERROR: a run of everything ran no browser test", red=True, bold=True
        )
