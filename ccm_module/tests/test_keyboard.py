"""A call from the list of patients to its note, without a mouse: every key is pressed in Chromium."""

from odoo.tests import tagged

from .browser import BrowserCase

FOCUS_IN_DIALOG = "document.activeElement.closest('.modal') !== null"


@tagged("post_install", "-at_install")
class TestKeyboard(BrowserCase):
    def test_a_call_without_a_mouse(self):
        patient = self.make_ready_patient(name="Rosa Alvarez", ccm_mrn="MRN-7")
        self.make_ready_patient(name="Walter Kim", ccm_mrn="MRN-8")
        with self.browse("ccm_nurse") as page:
            page.open("/odoo/ccm-patients")

            # find the patient and open the form
            page.wait("document.activeElement.matches('.o_searchview_input')")
            page.type("Rosa")
            page.press("Enter")
            page.wait("document.querySelectorAll('.o_data_row').length === 1")
            page.press("ArrowDown")
            page.wait("document.activeElement.closest('.o_list_table')")
            page.press("ArrowDown", "Enter")
            page.wait("document.querySelector('.o_form_view')")
            page.ready("the form")

            # start the timer, and stop it
            page.tab_to("button[name=ccm_timer_start]")
            page.press("Enter")
            page.wait("document.querySelector('button[name=ccm_timer_stop]')")
            page.tab_to("button[name=ccm_timer_stop]")
            # nothing is kept of a timer that ran for no second
            page.wait("document.querySelector('.o_ccm_timer .o_ccm_clock').textContent !== '0:00'")
            page.press("Space")
            page.wait(f"document.querySelector('.modal') && {FOCUS_IN_DIALOG}")
            page.ready("the dialog")

            # the dialog keeps the focus: kind, outcome, note, save
            page.tab_to("#ccm_describe_kind")
            before = page.run("document.activeElement.value")
            page.press("ArrowDown")
            page.wait(f"document.activeElement.value !== '{before}'")
            page.press("ArrowUp")
            page.tab_to("input[name=ccm_describe_outcome]")
            page.press("Space")
            page.tab_to("#ccm_describe_note")
            page.type("Takes her pills; sugar 118 in the morning")
            for _press in range(12):
                page.press("Tab")
                self.assertTrue(page.run(FOCUS_IN_DIALOG), "Tab left the dialog")
            page.tab_to("button[name=ccm_describe_save]")
            page.press("Enter")
            page.wait("!document.querySelector('.modal')")
            self.assertFalse(page.errors())
            self.measured = f"keyboard: a call from the list to its note in {page.presses} keys"

        # not sooner: while the browser is open, the database is its requests' alone
        self.env.invalidate_all()
        self.assertRecordValues(
            patient.ccm_activity_ids,
            [
                {
                    "state": "done",
                    "outcome": "reached",
                    "note": "Takes her pills; sugar 118 in the morning",
                }
            ],
        )
