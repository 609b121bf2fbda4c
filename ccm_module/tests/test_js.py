"""The JavaScript unit tests of this addon, run by Hoot in Chromium."""

import re
from pathlib import Path

from odoo.tests import HttpCase, no_retry, tagged
from odoo.tools import file_path


def _hoot_id(suite):
    """Return the id that Hoot gives to the suite of this name."""
    number = 0
    for char in suite:
        number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
    return f"{number:08x}"


@tagged("post_install", "-at_install")
class TestJs(HttpCase):
    @no_retry
    def test_unit_tests(self):
        url = f"/web/tests?headless&loglevel=2&preset=desktop&timeout=30000&id={_hoot_id('@ccm_module')}"
        with self.assertLogs(f"{self._logger.name}.browser", "INFO") as logs:
            try:
                self.browser_js(
                    url,
                    "",
                    login="admin",
                    timeout=600,
                    success_signal="[HOOT] Test suite succeeded",
                    error_checker=lambda message: "[HOOT]" not in message,
                )
            except AssertionError as error:
                said = [line for line in logs.output if "[HOOT]" in line or "ERROR" in line]
                self.fail("\n".join([str(error), *said]))
        # A run that finds no test succeeds as well: take the number from Hoot's own summary.
        passed = re.search(r"Passed (\d+) tests", "\n".join(logs.output))
        self.assertTrue(passed, "Hoot did not say how many tests passed")
        self.assertGreaterEqual(int(passed[1]), self._count_tests())

    @staticmethod
    def _count_tests():
        """Return how many tests the files of this addon hold; Hoot must have run each."""
        tests = Path(file_path("ccm_module/static/tests")).glob("**/*.test.js")
        return sum(len(re.findall(r"^test\(", f.read_text(), re.MULTILINE)) for f in tests)
