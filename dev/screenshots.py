"""Takes the pictures of the README and of the app's page from the running demo; see dev/screenshots."""

import base64
import contextlib
import io
import itertools
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import websocket
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "ccm_module/static/description"
PHONE = (375, 812)
TIMEOUT = 60
LARGEST = 120_000  # bytes
# A page is done when Odoo has shown a view, loads nothing, and its pictures are there.
READY = """
    !!document.querySelector('.o_action_manager > .o_action, .o_view_controller, main .article, iframe, body > div > h1')
    && !document.querySelector('.o_loading_indicator, .o_blockUI, .o-loading')
    && [...document.images].every(image => image.complete || image.loading === 'lazy')
    && document.fonts.status === 'loaded'
"""


class Odoo:
    """A user's session, for finding records and for the browser's cookie."""

    def __init__(self, url, login):
        self.url = url
        with contextlib.closing(
            self._post(
                "/web/session/authenticate", {"db": "ccm_demo", "login": login, "password": login}
            )
        ) as answer:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
            assert "error" not in json.load(answer), f"{login} cannot log in"

    def _post(self, path, params):
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "cookie"):
            headers["Cookie"] = f"session_id={self.cookie}"
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        return urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers))

    def find(self, model, domain):
        """Return the id of the first record that fits."""
        params = {"model": model, "method": "search", "args": [domain], "kwargs": {"limit": 1}}
        with self._post("/web/dataset/call_kw", params) as answer:
            found = json.load(answer)
        assert found.get("result"), f"{model} {domain}: {found.get('error', 'nothing found')}"
        return found["result"][0]


class Browser:
    """Headless Chromium over its DevTools protocol."""

    def __init__(self):
        self._numbers = itertools.count(1)
        self._profile = tempfile.mkdtemp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = shutil.which("chromium") or shutil.which("google-chrome")
        self._process = subprocess.Popen(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--hide-scrollbars",
                "--lang=en-US",
                "--force-color-profile=srgb",
                "--disable-gpu",
                f"--user-data-dir={self._profile}",
                f"--remote-debugging-port={port}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._socket = websocket.create_connection(
            self._address(port), timeout=TIMEOUT, suppress_origin=True
        )
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Emulation.setTimezoneOverride", timezoneId="America/New_York")

    def close(self):
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    @staticmethod
    def _address(port):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            address = f"http://127.0.0.1:{port}/json"
            with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
                for target in json.load(answer):
                    if target["type"] == "page":
                        return target["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise TimeoutError("Chromium did not start")

    def call(self, method, **params):
        """Send one command and return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def run(self, script):
        """Run JavaScript in the page and return its value."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer.get("exceptionDetails")
        return answer["result"].get("value")

    def wait(self, script):
        """Wait until the expression holds, twice in a row."""
        deadline, held = time.monotonic() + TIMEOUT, 0
        while held < 3:
            assert time.monotonic() < deadline, f"the page did not get ready: {script}"
            time.sleep(0.25)
            held = held + 1 if self.run(script) else 0

    def log_in(self, session):
        self.call("Network.clearBrowserCookies")
        self.call("Network.setCookie", name="session_id", value=session.cookie, url=session.url)

    def open(self, url, size):
        width, height = size
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=width < 500)
        self.call("Page.navigate", url=url)
        self.wait(READY)

    def click(self, selector, text=""):
        """Click the first element that fits the selector and holds the text."""
        found = f"""[...document.querySelectorAll({json.dumps(selector)})]
            .find(node => node.textContent.includes({json.dumps(text)}))"""
        self.wait(f"!!({found})")
        self.run(
            f"(node => {{ node.scrollIntoView({{block: 'center'}}); node.click(); }})({found})"
        )
        self.wait(READY)

    def darken(self):
        """Put Odoo's dark style sheet in the place of the light one; say whether there was one."""
        done = self.run("""(async () => {
            const sheet = [...document.querySelectorAll('link[rel=stylesheet]')]
                .find((link) => link.href.includes('/web.assets_web.'));
            if (sheet) {
                await new Promise((done) => {
                    sheet.onload = done;
                    sheet.href = '/web/assets/any/web.assets_web_dark.min.css';
                });
            }
            return Boolean(sheet);
        })()""")
        self.wait(READY)
        return done

    def save(self, path):
        """Take the picture; 256 colors are enough for it, or fewer if it grows large."""
        # no focus ring or blinking cursor, which would differ from run to run
        self.run("document.activeElement?.blur()")
        data = self.call("Page.captureScreenshot", format="png")["data"]
        picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
        for colors in (256, 128, 64):
            picture.quantize(colors, dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size < LARGEST:
                break


PATIENTS = "ccm_module.res_partner_action"
MONTHS = "ccm_module.ccm_month_action"
LAST_MONTHS = [["state", "in", ["invoiced", "ready", "blocked"]]]  # newest first, this one is open


def patient(name):
    return PATIENTS, "res.partner", [["name", "=", name]]


def month(name):
    return MONTHS, "ccm.month", [["partner_id.name", "=", name], *LAST_MONTHS]


def invoice(name):
    domain = [["ccm_patient_id.name", "=", name], ["state", "=", "draft"]]
    return "account.action_move_out_invoice_type", "account.move", domain


PLANS = "ccm_module.ccm_care_plan_action"
CHECK_INS = "ccm_survey.survey_user_input_action"
CANDIDATE = "Bernice Whitlock"
LONG = "José Ángel Peñaloza Núñez"
WORK = "ccm_module.ccm_month_action_work_open"
BEATRICE = patient("Beatrice Okonkwo")
DESK = (1280, 900)
BILLED = [["state", "=", "invoiced"], ["partner_id.name", "=", LONG]]
SIGNED = [["state", "=", "approved"], ["partner_id.name", "=", "Beatrice Okonkwo"]]


def page(name, *clicks):
    """Turn to a page of a form, and click on from there."""
    return [(f".o_notebook_headers .nav-link[name={name}]", ""), *clicks]


# name: (login, (action, and of a form the model and a domain), size, what to click)
PICTURES = {
    "worklist": ("nurse", (WORK,), DESK, ()),
    "board": ("nurse", (WORK,), DESK, [(".o_switch_view.o_kanban", "")]),
    "patient": ("nurse", BEATRICE, DESK, [("button[name=ccm_timer_start]", "")]),
    "stop": ("nurse", BEATRICE, DESK, [("button[name=ccm_timer_stop]", "")]),
    "phone": ("nurse", BEATRICE, PHONE, ()),
    "time": ("nurse", BEATRICE, (1280, 1000), page("ccm_time")),
    "readings": ("nurse", BEATRICE, (1280, 1100), page("ccm_readings")),
    "eligible": ("nurse", ("ccm_module.ccm_eligibility_action",), DESK, ()),
    "funnel": ("nurse", ("ccm_module.ccm_enrollment_action",), DESK, ()),
    "consent": ("nurse", patient(CANDIDATE), DESK, page("ccm_consent", ("button", "Get Consent"))),
    "plan": ("nurse", (PLANS, "ccm.care.plan", SIGNED), (1280, 1000), ()),
    "handout": (
        "nurse",
        ("/report/html/ccm_module.report_ccm_care_plan", "ccm.care.plan", SIGNED),
        (900, 1160),
        (),
    ),
    "templates": (
        "nurse",
        BEATRICE,
        DESK,
        page("ccm_care_plan", ("button", "New Care Plan")),
    ),
    "check_in": ("nurse", (CHECK_INS, "survey.user_input", [["state", "=", "done"]]), DESK, ()),
    "close": (
        "biller",
        ("ccm_module.ccm_close_action", "ccm.close", [["state", "=", "done"]]),
        (1280, 1160),
        (),
    ),
    "decision": (
        "biller",
        ("ccm_module.ccm_decision_action", "ccm.decision", [["partner_id.name", "=", LONG]]),
        (1280, 1160),
        (),
    ),
    "months": ("biller", (MONTHS,), (1280, 800), ()),
    "month": ("biller", month("Harold Lindqvist"), (1280, 980), ()),
    "invoice": ("biller", invoice(LONG), (1280, 1000), ()),
    "packet": (
        "auditor",
        ("/report/html/ccm_module.report_ccm_audit_packet", "ccm.month", BILLED),
        (900, 1160),
        (),
    ),
    "mock_audit": (
        "manager",
        ("ccm_module.ccm_audit_action", "ccm.audit", [["failed_count", ">", 0]]),
        DESK,
        (),
    ),
    "trend": (
        "manager",
        ("ccm_module.ccm_audit_action",),
        (1280, 640),
        [(".o_switch_view.o_graph", "")],
    ),
    "checklist": ("manager", ("ccm_module.ccm_setup_step_action",), (1280, 640), ()),
}

DRAWN = {"readings"}  # a chart takes its colors when it is drawn
LIGHT = {"trend"}  # Odoo's own charts have no dark colors here
# A graph grows for a second; a page that is printed gets its margins from the printer.
STILL = """
    new Promise((done) => {
        if (document.querySelector('body > div > h1')) {
            document.body.style.margin = '32px';
        }
        setTimeout(done, document.querySelector('.o_graph_renderer canvas') ? 2000 : 0);
    })
"""


def main(url, *names):
    sessions = {}
    with contextlib.closing(Browser()) as browser:
        for name in names or PICTURES:
            login, (action, *record), size, clicks = PICTURES[name]
            session = sessions.get(login) or sessions.setdefault(login, Odoo(url, login))
            browser.log_in(session)
            address = url + (action if action.startswith("/") else f"/odoo/action-{action}")
            browser.open(f"{address}/{session.find(*record)}" if record else address, size)
            for selector, text in clicks:
                browser.click(selector, text)
            browser.run(STILL)
            show(browser, f"{name}.png")
            if name not in LIGHT and browser.darken():
                if name in DRAWN:
                    browser.click(".o_notebook_headers .nav-link")
                    for selector, text in clicks:
                        browser.click(selector, text)
                show(browser, f"{name}_dark.png")


def show(browser, name):
    browser.save(FOLDER / name)
    print(f"   {name} {(FOLDER / name).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
