"""Every address of our server, asked for by everybody: see ROUTES."""

import json
import threading
from collections import Counter
from unittest.mock import patch

from odoo.http import Controller
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException

from .reach import OURS, SECRETS, ReachCommon
from .rpc_table import BILLING

# Who may, without a link that has a token of its own.
READERS = BILLING | {"auditor"}
ROUTES = {
    '/account/download_invoice_attachments/<models("ir.attachment"):attachments>': READERS,
    '/account/download_invoice_documents/<models("account.move"):invoices>/<string:filetype>': READERS,
    '/account/download_move_attachments/<models("account.move"):moves>': READERS,
    "/ccm/close/<int:close_id>/workbook": READERS,
    "/ccm/patient/<int:partner_id>/export": {"manager"},
    "/my/invoices/<int:invoice_id>": READERS,
}
WRONG_IDS = ("0", "-1", "x", str(2**31), str(2**70), "1%00", "1;DROP", "../1")
VERBS = ("POST", "PUT", "PATCH", "DELETE")
LOGINS = {
    "portal": "reach_portal",
    "stranger": "reach_stranger",
    "employee": "reach_employee",
    **{name: f"ccm_{name}" for name in ("auditor", "nurse", "doctor", "biller", "manager")},
}


@tagged("post_install", "-at_install")
class TestRoutes(ReachCommon, HttpCase):
    def setUp(self):
        super().setUp()
        # Odoo asks its thread which database it serves.
        thread = threading.current_thread()
        self.startPatcher(patch.object(thread, "dbname", self.env.cr.dbname, create=True))
        self.tried = Counter()
        self.wrong = []
        self.month = self.env["ccm.month"].search([("state", "=", "invoiced")], limit=1)
        self.close_id = self.env["ccm.close"]._ensure(self.company, [self.month.month]).id
        self.invoice = self.month.move_id
        self.paper = self.env["ir.attachment"].create(
            {
                "name": "Told",
                "raw": SECRETS[1].encode(),
                "res_model": "account.move",
                "res_id": self.invoice.id,
                "access_token": "the-right-one",
            }
        )

        self.invoice.message_main_attachment_id = self.paper

    def ask(self, who, path, method="GET", **options):
        """Ask for a page as ``who``; nobody is shown what is not theirs, or an error of ours."""
        answer = self.url_open(path, method=method, allow_redirects=False, **options)
        self.tried[answer.status_code] += 1
        # Odoo itself fails on NUL in any address, and on no invoice at all: it looks them up.
        if answer.status_code >= 500 and "%00" not in path and not path.startswith("/account/"):
            self.wrong.append(f"{method} {path} as {who}: {answer.status_code}")
        return answer

    def shows(self, answer):
        """Tell whether this is the document, or at least tells what is in it."""
        kind = answer.headers.get("Content-Type", "")
        is_file = answer.status_code == 200 and not kind.startswith("text/html")
        return is_file or any(secret in answer.text for secret in SECRETS)

    def tell(self, what):
        self.measured = (
            f"routes: {what.lower()}: {sum(self.tried.values())} tried, {dict(self.tried)}"
        )
        self.assertFalse(self.wrong, "\n" + "\n".join(self.wrong))
        leaked = [line for line in self.reader.lines if any(s in line for s in SECRETS)]
        self.assertFalse(leaked, "health data in the server's log")

    def people(self):
        """Yield everybody in turn, logged in, and first nobody."""
        self.authenticate(None, None)
        yield "nobody"
        for who, login in LOGINS.items():
            self.authenticate(login, login)
            yield who

    def paths(self):
        """Return ``{route: its path for the patient's record}``."""
        ids = {
            "close_id": self.close_id,
            "partner_id": self.patient.id,
            "invoice_id": self.invoice.id,
            "attachments": self.paper.id,
            "invoices": self.invoice.id,
            "moves": self.invoice.id,
            "filetype": "pdf",
        }
        return {rule.rule: self._fill(rule.rule, ids) for rule in self.ours()}

    def _fill(self, route, ids):
        parts = route.split("/")
        return "/".join(
            str(ids[part.strip("<>").rpartition(":")[2]]) if part.startswith("<") else part
            for part in parts
        )

    def ours(self):
        """Return the rules of the routing map whose code is ours, wholly or in part."""
        found = []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            controller = getattr(rule.endpoint.func, "__self__", None)
            name = rule.endpoint.func.__name__
            if isinstance(controller, Controller) and any(
                base.__module__.startswith(OURS) and name in vars(base)
                for base in type(controller).mro()
            ):
                found.append(rule)
        return found

    # --- the addresses ---

    def test_every_route_has_a_line(self):
        found = {rule.rule for rule in self.ours()}
        self.assertFalse(found - ROUTES.keys(), "say in ROUTES who may")
        self.assertFalse(ROUTES.keys() - found, "there is no such address")

    def test_only_who_may(self):
        for who in self.people():
            for route, path in self.paths().items():
                answer = self.ask(who, path)
                allowed = who in ROUTES[route]
                if (answer.status_code == 200) != allowed or (self.shows(answer) and not allowed):
                    self.wrong.append(
                        f"{route} as {who}: {answer.status_code} {answer.text[:80]!r}"
                    )
                for number in WRONG_IDS:
                    elsewhere = route.replace("<string:filetype>", "pdf")
                    elsewhere = "/".join(
                        number if part.startswith("<") else part for part in elsewhere.split("/")
                    )
                    if self.shows(self.ask(who, elsewhere)):
                        self.wrong.append(f"{elsewhere} as {who} is shown")
        self.tell("Addresses as everybody")

    def test_other_verbs(self):
        """Nothing of ours is a form: a page elsewhere that posts to it changes and learns nothing."""
        for who in ("nobody", "manager"):
            self.authenticate(*([LOGINS[who]] * 2 if who in LOGINS else [None, None]))
            for route, path in self.paths().items():
                if not route.startswith("/ccm/"):
                    continue
                for verb in VERBS:
                    answer = self.ask(who, path, verb, data={"x": "1"})
                    if self.shows(answer):
                        self.wrong.append(f"{verb} {path} as {who}: shown")
        self.tell("Other verbs")

    def test_tokens(self):
        """A link works with its own token alone."""
        self.invoice._portal_ensure_token()
        right = self.invoice.access_token
        tokens = ("", "x", right[:-1], right.upper(), "%00", "' OR 1=1 --", "the-right-one")
        self.authenticate(None, None)
        for token in tokens:
            for path in (
                f"/my/invoices/{self.invoice.id}?access_token={token}",
                f"/my/invoices/{self.invoice.id}?access_token={token}&report_type=pdf",
            ):
                if self.shows(self.ask("nobody", path)):
                    self.wrong.append(f"{path} is shown")
        for token in ("", "x", right, "the-right-on"):
            path = f"/web/content/{self.paper.id}?access_token={token}"
            if self.shows(self.ask("nobody", path)):
                self.wrong.append(f"{path} is shown")
        told = self.url_open(f"/web/content/{self.paper.id}?access_token=the-right-one")
        self.assertIn(SECRETS[1], told.text, "the right one opens it, or this test proves nothing")
        self.tell("Tokens")

    def test_reports(self):
        """Odoo prints any report for whoever asks by its address: who may not read gets nothing."""
        reports = self.env["ir.actions.report"].search([("model", "=like", "ccm.%")])
        self.assertTrue(reports)
        records = {report: self.target(report.model) for report in reports}
        for who in ("nobody", "portal", "stranger", "employee"):
            self.authenticate(*([LOGINS[who]] * 2 if who in LOGINS else [None, None]))
            for report, record in records.items():
                path = f"/report/html/{report.report_name}/{record.id}"
                if self.shows(self.url_open(path, allow_redirects=False)):
                    self.wrong.append(f"{path} as {who} is shown")
                self.tried[report.report_name] += 1
        self.tell("Reports")

    # --- calls over HTTP ---

    def test_calls_over_http(self):
        """A sample of ``test_rpc_reach``, as a browser and as a program send it."""
        calls = [
            ("ccm.month", "read", [self.month.ids, ["display_name"]]),
            ("ccm.month", "action_invoice", [self.month.ids]),
            ("ccm.activity", "action_start_timer", [self.patient.id]),
            ("ccm.activity", "search_read", [[], ["note"]]),
            ("res.partner", "action_ccm_open", [self.patient.ids]),
            ("ccm.month", "_decide", [self.month.ids]),
            ("ccm.access.log", "_log", ["open", []]),
        ]
        for who in ("portal", "stranger", "employee"):
            self.authenticate(LOGINS[who], LOGINS[who])
            key = (
                self.env["res.users.apikeys"]
                .with_user(self.users[who])
                .sudo()
                ._generate("rpc", "Test", None)
            )
            for model, method, args in calls:
                call = f"{model}.{method} as {who}"
                params = {"model": model, "method": method, "args": args, "kwargs": {}}
                try:
                    told = self.make_jsonrpc_request("/web/dataset/call_kw", params)
                    self.tried["answered"] += 1
                except JsonRpcException as error:
                    told = str(error)
                    self.tried["refused"] += 1
                if any(secret in json.dumps(told) for secret in SECRETS):
                    self.wrong.append(f"{call} tells")
                body = {"ids": args[0]} if args and isinstance(args[0], list) else {}
                answer = self.ask(
                    who,
                    f"/json/2/{model}/{method}",
                    "POST",
                    json={**body, **({"domain": []} if method == "search_read" else {})},
                    headers={"Authorization": f"Bearer {key}"},
                )
                if self.shows(answer) and any(secret in answer.text for secret in SECRETS):
                    self.wrong.append(f"/json/2 {call} tells")
        answer = self.ask("nobody", "/json/2/ccm.month/search_read", "POST", json={})
        self.assertEqual(answer.status_code, 401)
        self.tell("Calls over HTTP")
