"""Every method that a client can call, called as everybody: see ``rpc_table``."""

import sys
from collections import Counter

from odoo.tests import tagged

from .reach import CLEAR, DONE, REFUSED, SECRETS, ReachCommon, own_methods
from .rpc_table import ARGUMENTS, GENERIC, METHODS


@tagged("post_install", "-at_install")
class TestRpcReach(ReachCommon):
    def setUp(self):
        super().setUp()
        self.tried = Counter()
        self.wrong = []

    def judge(self, found, why):
        """Keep what is wrong; a test tells all of it at once."""
        if not found:
            self.wrong.append(why)

    def tell(self, what):
        total = sum(self.tried.values())
        sys.stdout.write(f"\n{what}: {total} tried, {dict(self.tried)}\n")
        self.assertFalse(self.wrong, "\n" + "\n".join(sorted(set(self.wrong))))
        leaked = [line for line in self.reader.lines if any(s in line for s in SECRETS)]
        self.assertFalse(leaked, "health data in the server's log")

    def lines(self):
        """Return the lines of the table that hold here: ``[(model, method, who may)]``."""
        found = own_methods(self.env)
        return [
            (model, method, who)
            for model, methods in METHODS.items()
            for method, who in methods.items()
            if (model, method) in found
        ]

    # --- the table ---

    def test_every_method_has_a_line(self):
        found = {(m, name) for m, name in own_methods(self.env) if name not in GENERIC}
        known = {(m, name) for m, methods in METHODS.items() for name in methods}
        missing = sorted(".".join(key) for key in found - known)
        self.assertFalse(missing, "clients can call these: say in rpc_table.py who may")
        gone = {(m, name) for m, name in known - found if m in self.env}
        self.assertFalse(gone - {("ccm.close", "action_start_jobs")}, "no client can call these")

    def test_only_who_may(self):
        for model, method, allowed in self.lines():
            arguments = ARGUMENTS.get((model, method), lambda case: [])(self)
            for who in self.users:
                outcome = self.call_method(who, model, method, arguments)
                self.tried[outcome.kind] += 1
                call = f"{model}.{method} as {who}"
                if allowed is None or who in allowed:
                    told = outcome.kind in (DONE, CLEAR)
                else:
                    told = outcome.kind == REFUSED
                    self.judge(not self.secrets(outcome), f"{call} tells {self.secrets(outcome)}")
                self.judge(told, f"{call}: {outcome.kind} {outcome.error!r:.200}")
                self.judge(
                    self.is_kept_out_of_log(outcome), f"{call}: {outcome.error!r:.200} is logged"
                )
        self.tell("Methods as everybody")

    # --- helpers ---

    def call_method(self, who, model, method, arguments, context=None):
        """Let ``who`` call a method on the patient's record; a dialog's on one of their own."""
        kwargs = {"context": context} if context else {}
        records = self.env[model]
        if getattr(getattr(type(records), method), "_api_model", False):
            return self.call(who, model, method, arguments, kwargs)
        if records._transient:
            return self.call(who, model, method, arguments, kwargs, own=self.values(model))
        return self.call(who, model, method, [self.target(model).ids, *arguments], kwargs)

    def secrets(self, outcome):
        return [secret for secret in SECRETS if secret in outcome.text]

    def is_kept_out_of_log(self, outcome):
        """Tell whether the server's log gets nothing of the patient from this refusal."""
        return not (
            outcome.error and self.secrets(outcome) and not hasattr(outcome.error, "loglevel")
        )
