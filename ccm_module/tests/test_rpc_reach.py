"""Every method that a client can call, called as everybody: see ``rpc_table``."""

import inspect
import traceback
from collections import Counter

from odoo.tests import tagged

from .reach import (
    CLEAR,
    DONE,
    REFUSED,
    SECRETS,
    TRACE,
    ReachCommon,
    context_keys,
    inherited,
    is_ours,
    own_methods,
)
from .rpc_table import ARGUMENTS, CONTEXT_KEYS, LOOSE, METHODS

HOSTILE_IDS = (
    *("1; DROP TABLE res_users", 2**70, -1, None, [[1]], [None], ["1"], [True], [], {"id": 1}),
)
HOSTILE_VALUES = (
    *("\0", "'; DROP TABLE ccm_month; --", "{{ 7*7 }}", "x" * 100_000, "", None, True),
    *(2**70, -1, 0, 1.5, float("nan"), [], {}, [[[]]], {"id": 1}, [2**70], ["a"], "2026-13-45"),
)
OUTSIDERS = ("public", "portal", "employee", "stranger")
PLAIN = {"copy", "get_metadata", "message_post", "unlink"}  # need nothing but records
VALUES = {"create", "onchange", "write"}  # what takes a record's values


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
        self.measured = f"rpc: {what.lower()}: {total} tried, {dict(self.tried)}"
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

    def models(self):
        return filter(is_ours, self.env.registry)

    # --- the table ---

    def test_every_method_has_a_line(self):
        found = own_methods(self.env)
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

    def test_no_context_opens_a_door(self):
        """A client sends whatever context it likes: every key of ours is tried, all at once."""
        keys = context_keys()
        self.assertFalse(keys - CONTEXT_KEYS.keys(), "say in rpc_table.py what a client may send")
        context = {**CONTEXT_KEYS, **LOOSE}
        for model, method, allowed in self.lines():
            arguments = ARGUMENTS.get((model, method), lambda case: [])(self)
            for who in sorted(self.users.keys() - allowed):
                outcome = self.call_method(who, model, method, arguments, context)
                self.tried[outcome.kind] += 1
                call = f"{model}.{method} as {who} with a context"
                self.judge(outcome.kind != DONE, f"{call}: done")
                self.judge(not self.secrets(outcome), f"{call} tells {self.secrets(outcome)}")
        self.tell("Methods with every context of ours")

    def test_hostile_records(self):
        """Called on what is no record: refused, or failed in Odoo's own code, never in ours."""
        for model, method, _allowed in self.lines():
            if getattr(getattr(self.env.registry[model], method), "_api_model", False):
                continue
            arguments = ARGUMENTS.get((model, method), lambda case: [])(self)
            for who in ("portal", "stranger", "nurse", "biller"):
                for ids in HOSTILE_IDS:
                    outcome = self.call(who, model, method, [ids, *arguments])
                    self.tried[outcome.kind] += 1
                    call = f"{model}.{method} as {who} on {ids!r:.40}"
                    self.judge_failure(outcome, call)
        self.tell("Hostile records")

    def test_hostile_arguments(self):
        """An argument of a wrong kind gets a clear answer, from our methods always."""
        for model, method, allowed in self.lines():
            function = getattr(self.env.registry[model], method)
            names = list(inspect.signature(function).parameters)[1:]
            is_model = getattr(function, "_api_model", False)
            given = ARGUMENTS.get((model, method), lambda case: [])(self)
            for who in ("portal", "stranger", "nurse", "manager"):
                for name in names:
                    for value in HOSTILE_VALUES:
                        kwargs = dict(zip(names, given, strict=False)) | {name: value}
                        ids = [] if is_model else [self.target(model).ids]
                        outcome = self.call(who, model, method, ids, kwargs)
                        self.tried[outcome.kind] += 1
                        call = f"{model}.{method}({name}={value!r:.30}) as {who}"
                        self.judge(outcome.kind != TRACE, f"{call}: {outcome.error!r:.150}")
                        if who not in allowed:
                            self.judge(outcome.kind != DONE, f"{call}: done")
        self.tell("Hostile arguments")

    def test_odoo_s_own_methods_tell_outsiders_nothing(self):
        """``read``, ``search``, ``copy`` and all else that every model has, as who has no business."""
        patient_data = self.env["ccm.patient.data"]._paths()
        for model in sorted(self.models()):
            if self.env[model]._abstract:
                continue
            record = self.target(model)
            for method in inherited(self.env, model):
                for arguments in self.inherited_arguments(record, method):
                    # Bare, a call gets furthest as the stranger, who has every right elsewhere.
                    is_bare = arguments == [record.ids] and method not in PLAIN
                    for who in ("stranger",) if is_bare else OUTSIDERS:
                        outcome = self.call(who, model, method, arguments)
                        self.tried[outcome.kind] += 1
                        call = f"{model}.{method} as {who}"
                        is_theirs = who == "stranger" and model not in patient_data
                        self.judge(not outcome.written or is_theirs, f"{call} writes")
                        told = self.secrets(outcome)
                        self.judge(not told, f"{call} tells {told}: {outcome.text:.150}")
                        self.judge_failure(outcome, call)
        self.tell("Odoo's own methods as outsiders")

    def inherited_arguments(self, record, method):
        """Return the calls to try of an inherited method: bare, and as it is meant to be."""
        names = sorted(record._fields)
        spec = {name: {"fields": {"display_name": {}}} for name in names}
        values = self.values(record._name) if method in VALUES else {}
        meant = {
            "copy": [record.ids],
            "create": [[values]],
            "default_get": [names],
            "export_data": [record.ids, [n for n in names if n != "id"]],
            "formatted_read_group": [[], ["create_uid"], ["__count"]],
            "get_metadata": [record.ids],
            "load": [["name"], [["Words"]]],
            "message_post": [record.ids],
            "name_create": ["Words"],
            "name_search": [""],
            "onchange": [[], values, [], spec],
            "read": [record.ids, names],
            "read_group": [[], ["id"], ["create_uid"]],
            "search": [[]],
            "search_read": [[], names],
            "unlink": [record.ids],
            "web_read": [record.ids, spec],
            "web_read_group": [[], ["create_uid"], ["__count"]],
            "web_save": [record.ids, {"create_uid": 1}, spec],
            "web_search_read": [[], spec],
            "write": [record.ids, values],
        }.get(method)
        bare = [record.ids]
        return (
            [meant] if method in ("create", "name_create") else [bare, meant] if meant else [bare]
        )

    def judge_failure(self, outcome, call):
        """A failure of another kind than a refusal must be Odoo's own, not our code's."""
        if outcome.kind != TRACE:
            return
        frames = traceback.extract_tb(outcome.error.__traceback__)
        where = frames[-1].filename
        self.judge("/ccm_" not in where, f"{call}: {outcome.error!r:.150} in {frames[-1].name}")

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
