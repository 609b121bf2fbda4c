"""A person at a real browser: pages, key presses, the screen's size and colors.

Odoo's tours run inside the page, so what they click and type are made-up events. Here Chromium gets
its orders from outside (DevTools protocol), as from a keyboard. It is Odoo's own ChromeBrowser, so
the pages see the data of the test's transaction.
"""

import json
import time
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

from .common import CcmCommon

# Values of an ir.asset that fills Odoo's dark style sheet, which in Community is empty of colors.
DARK_ASSET = {
    "name": "Dark colors for tests",
    "bundle": "web.assets_web_dark",
    "directive": "prepend",
    "path": "/ccm_module/static/tests/dark/dark_variables.scss",
}
TIMEOUT = 120
DESKTOP = (1280, 900)
PHONE = (375, 812)

# Nothing fades in or out: what is measured or pressed is what there is.
STILL = "<style>*, ::before, ::after { transition: none !important; animation: none !important }</style>"
# A page is done when Odoo shows a view, loads nothing and moves nothing.
READY = """
    !!document.querySelector('.o_action_manager > .o_action, .o_view_controller, .modal .o_form_view')
    && !document.querySelector('.o_loading_indicator, .o_blockUI, .modal.fade:not(.show)')
    && document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations > 1)
    && document.fonts.status === 'loaded'
"""

KEYS = {  # name: (code, number, text it types)
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Space": ("Space", 32, " "),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class Page:
    """A tab of Chromium, one user at it."""

    def __init__(self, case, browser):
        self._case = case
        self._browser = browser
        self.presses = 0  # of a key, typed letters not counted

    def call(self, method, **params):
        """Send a command of the DevTools protocol and return its answer."""
        return self._browser._websocket_request(method, params=params, timeout=TIMEOUT)

    def run(self, script):
        """Return the value of a JavaScript expression, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script, what=""):
        """Wait until the expression holds, and still holds a moment later."""
        deadline, held = time.monotonic() + TIMEOUT, 0
        while held < 2:
            if time.monotonic() > deadline:
                self._browser.take_screenshot().result(timeout=TIMEOUT)
                raise AssertionError(f"waited in vain for {what or script}")
            time.sleep(0.1)
            held = held + 1 if self.run(f"Boolean({script})") else 0

    def ready(self, what):
        self.wait(READY, what)

    def log_in(self, login):
        self._case.authenticate(login, login, browser=self._browser)
        self._case.cr.flush()
        self._case.cr.clear()

    def size(self, width, height):
        phone = width < 500
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def open(self, path):
        """Go to a page and wait until it is there."""
        self.forget_errors()
        self._browser.navigate_to(self._case.base_url() + path, wait_stop=True)
        self.ready(path)
        self.run(f"document.head.insertAdjacentHTML('beforeend', {json.dumps(STILL)})")

    def do_action(self, action, **options):
        """Let the open web client go to another action, as from its menu.

        :param action: an action's XML id, or a dictionary
        :param options: of the web client's action service, as ``viewType`` and ``props``
        """
        options = {"clearBreadcrumbs": True, **options}
        self.run(
            f"odoo.__WOWL_DEBUG__.root.env.services.action.doAction({json.dumps(action)}, {json.dumps(options)})"
        )
        self.ready(action)

    def do_method(self, model, method, ids):
        """Press the button that calls ``method``: go where it leads."""
        button = {
            "type": "object",
            "name": method,
            "resModel": model,
            "resId": ids[0],
            "resIds": ids,
        }
        self.run(
            f"odoo.__WOWL_DEBUG__.root.env.services.action.doActionButton({{...{json.dumps(button)}, onClose() {{}}}})"
        )
        self.ready(method)

    def forget_errors(self):
        self._browser._result, self._browser.had_failure = Future(), False

    def errors(self):
        """Return what went wrong in the page since it was opened."""
        result = self._browser._result
        return str(result.exception()) if result.done() and result.exception() else ""

    def click(self, selector, text=""):
        """Click the first visible element that fits the selector and holds the text."""
        found = f"""[...document.querySelectorAll({json.dumps(selector)})]
            .find(node => node.checkVisibility() && node.textContent.includes({json.dumps(text)}))"""
        self.wait(found, f"{selector} {text}")
        self.run(f"{found}.click()")
        self.ready(f"the page after {selector} {text}")

    def color(self, scheme):
        """Show the page ``light`` or ``dark``: the one style sheet in the place of the other."""
        self.run(
            """(async (dark) => {
                const light = [...document.querySelectorAll('link[rel=stylesheet]')]
                    .find(link => link.href.includes('/web.assets_web.'));
                let other = document.getElementById('dark');
                if (dark && !other) {
                    other = light.cloneNode();
                    other.id = 'dark';
                    other.href = '/web/assets/any/web.assets_web_dark.min.css';
                    await new Promise((done, failed) => {
                        other.onload = done;
                        other.onerror = failed;
                        light.after(other);
                    });
                }
                light.disabled = dark;
                if (other) {
                    other.disabled = !dark;
                }
            })"""
            f"({json.dumps(scheme == 'dark')})"
        )

    # --- the keyboard -----------------------------------------------------------------------------

    def press(self, *chords):
        """Press keys one after the other: ``Tab``, ``Shift+Tab``, ``Alt+s``, ``a``."""
        for chord in chords:
            self.presses += 1
            *held, key = chord.split("+")
            modifiers = sum(MODIFIERS[name] for name in held)
            code, number, text = KEYS.get(key) or (f"Key{key.upper()}", ord(key.upper()), key)
            event = {
                "key": " " if key == "Space" else key,
                "code": code,
                "windowsVirtualKeyCode": number,
                "modifiers": modifiers,
            }
            typed = text if not modifiers & ~MODIFIERS["Shift"] else ""
            down = {"type": "keyDown", "text": typed} if typed else {"type": "rawKeyDown"}
            self.call("Input.dispatchKeyEvent", **event, **down)
            self.call("Input.dispatchKeyEvent", **event, type="keyUp")

    def type(self, text):
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", key=letter, text=letter)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def tab_to(self, selector, text="", limit=150, back=False):
        """Press Tab until the element has the focus; return how often."""
        focused = f"""(node => node && node.matches({json.dumps(selector)})
            && (node.textContent + (node.ariaLabel || '') + (node.title || '')).includes({json.dumps(text)})
        )(document.activeElement)"""
        for presses in range(limit):
            if self.run(f"Boolean({focused})"):
                return presses
            self.press("Shift+Tab" if back else "Tab")
        at = self.run("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"{limit} times Tab did not reach {selector} {text}, but {at}")


class BrowserCase(CcmCommon, HttpCase):
    """A test that holds a browser open over several pages."""

    @contextmanager
    def browse(self, login, size=DESKTOP):
        """Open Chromium with ``login`` at it; gives a :class:`Page`."""
        browser = ChromeBrowser(self)
        with self.allow_requests(browser=browser), ExitStack() as atexit:
            atexit.callback(self._wait_remaining_requests)
            atexit.callback(browser.stop)
            page = Page(self, browser)
            self._hush_chat(login)
            page.log_in(login)
            page.size(*size)
            yield page

    def _hush_chat(self, login):
        """Keep the bot's first chat off the screen: it would cover a phone's."""
        user = self.env["res.users"].search([("login", "=", login)])
        if "odoobot_state" in user._fields:
            user.odoobot_state = "disabled"
