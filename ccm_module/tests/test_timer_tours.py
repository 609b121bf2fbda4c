"""The live timer in Chromium, as a nurse lives with it."""

import contextlib
import re
import threading
import time
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME, ChromeBrowser

from .common import CcmCommon

PATIENTS = "/odoo/ccm-patients"
LOST_CONNECTION = re.compile("ERR_INTERNET_DISCONNECTED|ConnectionLostError")


class Phone(threading.Thread):
    """The nurse's other device: a session of its own, over HTTP.

    It looks where the timer stands until it sees what it waits for, then does its part.
    """

    PATIENCE = 60  # seconds

    def __init__(self, case, login, steps):
        super().__init__(name="phone", daemon=True)
        self.case = case
        self.steps = steps
        self.done = []
        self.cookies = {"session_id": case.authenticate(login, login).sid}
        case.session = None  # else the browser's login would end this one

    def call(self, method, *args):
        answer = requests.post(
            f"{self.case.base_url()}/web/dataset/call_kw/ccm.activity/{method}",
            json={
                "params": {"model": "ccm.activity", "method": method, "args": args, "kwargs": {}}
            },
            cookies={**self.cookies, TEST_CURSOR_COOKIE_NAME: self.case.http_request_key},
            timeout=20,
        )
        return answer.json()["result"]

    def run(self):
        deadline = time.monotonic() + self.PATIENCE
        for sees, acts in self.steps:
            while not sees(state := self.look()):
                if time.monotonic() > deadline:
                    return
                time.sleep(0.5)
            self.done.append(acts(self, state))

    def look(self):
        # when the browser has closed, no request is let in
        return self.call("get_timer_state") if self.case.http_request_key else {}


def _runs(state):
    """Tell whether a timer runs, and not only since this second."""
    running = state.get("running")
    return running and state["now"] - running["start"] > 2000


@tagged("post_install", "-at_install")
class TestTimerTours(CcmCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nurse.tz = cls.company.ccm_tz
        if "odoobot_state" in cls.nurse._fields:
            cls.nurse.odoobot_state = "disabled"
        day = (fields.Date.today().replace(day=1) - timedelta(days=20)).isoformat()
        cls.rosa = cls.make_ready_patient(day=day, name="Rosa Alvarez")
        cls.ben = cls.make_ready_patient(day=day, name="Ben Other", ccm_mrn="MRN-2")
        cls.env["ccm.month"]._refresh(cls.company._ccm_today())

    def walk(self, tour, url=PATIENTS, **kwargs):
        self.start_tour(url, tour, login="ccm_nurse", **kwargs)
        self.env.invalidate_all()
        return self.rosa.ccm_activity_ids

    def assert_described(self, entries, note, outcome):
        last = entries.sorted("start")[-1]
        self.assertEqual(set(entries.mapped("state")), {"done"})
        self.assertFalse(entries.filtered("to_describe"))
        self.assertEqual((last.note, last.outcome), (note, outcome))

    def test_a_call_from_start_to_note_in_four_clicks(self):
        call = self.walk("ccm_timer_call_tour", url="/odoo")
        self.assert_described(call, "Cuff readings down", "reached")
        self.assertEqual(call.type_id, self.env.ref("ccm_module.ccm_activity_type_call"))

    def test_two_devices_show_the_same(self):
        phone = Phone(
            self,
            "ccm_nurse",
            [
                (_runs, lambda phone, _state: phone.call("action_pause_timer", [])),
                (
                    _runs,
                    lambda phone, state: phone.call("action_stop_timer", [state["running"]["id"]]),
                ),
            ],
        )
        navigate = ChromeBrowser.navigate_to

        def navigate_and_ring(*args, **kwargs):
            # not before: Odoo logs the browser in on the cursor that requests use, too
            phone.start()
            return navigate(*args, **kwargs)

        with patch.object(ChromeBrowser, "navigate_to", navigate_and_ring):
            stretches = self.walk("ccm_timer_devices_tour")
        phone.join(timeout=30)
        self.assertEqual(len(phone.done), 2)
        self.assertEqual(len(stretches), 2)
        self.assert_described(stretches, "Spoke to the machine", "left_message")

    def test_reload_in_the_middle_of_a_call(self):
        call = self.walk("ccm_timer_reload_tour")
        self.assertEqual(len(call), 1, "one timer, before and after")
        self.assert_described(call, "Feet: no sores. Shoes too tight", "reached")

    def test_forgotten_timer(self):
        times = self.env["ccm.activity"].with_user(self.nurse)
        timer = times.browse(times.action_start_timer(self.rosa.id))
        # as if she had begun five hours ago
        timer.sudo().write({"start": fields.Datetime.now() - timedelta(hours=5)})
        self.env.flush_all()
        self.walk("ccm_timer_forgotten_tour")
        self.assert_described(timer, "Weekly call", "reached")
        self.assertAlmostEqual(timer.seconds, 3600, delta=180)
        self.assertEqual(timer.reason, "The timer was not stopped in time.")
        self.assertFalse(timer.to_review)

    def test_switching_patients(self):
        call = self.walk("ccm_timer_switch_tour")
        self.assert_described(call, "Rang twice", "no_answer")
        self.assert_described(self.ben.ccm_activity_ids, "Called back about the pills", "reached")
        self.assertLessEqual(call.stop, self.ben.ccm_activity_ids.start)

    def test_network_lost_in_the_stop_dialog(self):
        with self._network_on_demand():
            call = self.walk("ccm_timer_network_tour")
        self.assertEqual(len(call), 1)
        self.assert_described(call, "Told her about the new cuff", "reached")

    @contextlib.contextmanager
    def _network_on_demand(self):
        """Let the page say on its console when Chromium's network goes and comes."""
        handle = ChromeBrowser._handle_console

        def listen(browser, type, args=None, **kwargs):  # pylint: disable=redefined-builtin
            said = str(args[0].get("value")) if args else ""
            if said.startswith("ccm network: "):
                network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
                browser._websocket_send("Network.enable")
                browser._websocket_send(
                    "Network.emulateNetworkConditions",
                    params={**network, "offline": said.endswith("off")},
                )
            # Others of the page say that they could not load, which is the point.
            is_lost = type == "error" and LOST_CONNECTION.search(str(args))
            handle(browser, "warning" if is_lost else type, args=args, **kwargs)

        with patch.object(ChromeBrowser, "_handle_console", listen):
            yield
