"""Each role, each model, each of the four rights, tried for real: see ``access_table``."""

from collections import Counter
from contextlib import suppress

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .access_table import ACCESS, NOBODY, RIGHTS, ROLES
from .reach import CLEAR, DONE, REFUSED, SECRETS, ReachCommon

# Who is not of this practice learns nothing of its patient, whatever the right.
OUTSIDE = (*NOBODY, "elsewhere")
LOGGED = ("create_uid", "create_date", "write_uid", "write_date")
VALUES = ("char", "text", "html", "integer", "float", "date", "datetime", "boolean", "selection")


@tagged("post_install", "-at_install")
class TestAccessMatrix(ReachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["elsewhere"] = cls.users["stranger"]

    def models(self):
        """Return the models of ours with records: kept for good, or of a dialog."""
        return sorted(
            name for name in self.env if name.startswith("ccm.") and not self.env[name]._abstract
        )

    def test_every_model_is_in_the_table(self):
        missing = set(self.models()) - set(ACCESS)
        self.assertFalse(missing, "say in access_table.py who may do what with these")
        gone = {name for name in ACCESS if name not in self.env}
        self.assertLessEqual(gone, {"ccm.check.in.plan", "ccm.check.in.send"})  # of ccm_survey

    def test_each_right_of_each_role_for_real(self):
        tried, wrong = Counter(), []
        for model in self.models():
            target = self.target(model)
            for role in ROLES:
                may = ACCESS[model].get(role, "")
                for right, operation in RIGHTS.items():
                    kind, outcome = self.attempt(role, target, operation)
                    tried[kind] += 1
                    # CLEAR: a rule of the record says why not on this one, before or after the right
                    expected = (DONE, CLEAR) if right in may else (REFUSED, CLEAR)
                    if kind not in expected:
                        says = "may" if right in may else "may not"
                        wrong.append(
                            f"{model}: the table says that {role} {says} {operation}, and it was"
                            f" {kind}: {outcome.error!r:.160}"
                        )
                    told = [secret for secret in SECRETS if secret in outcome.text]
                    if told and role in OUTSIDE:
                        wrong.append(f"{model}: {operation} tells {role} {told}")
        self.measured = (
            f"Access matrix: {sum(tried.values())} combinations of {len(ROLES)} roles,"
            f" {len(self.models())} models and {len(RIGHTS)} rights tried, {dict(tried)}"
        )
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def attempt(self, role, target, operation):
        """Let ``role`` do it to ``target``; in a dialog to one of their own. Return what became of it."""
        model = target._name
        own = self.values(model) if operation == "create" or target._transient else None
        if own:
            self.open_dialog(role, model, own)
        if operation == "create":
            outcome = self.call(role, model, "create", [[own]])
        else:
            arguments = {
                "read": [list(self.readable(target))],
                "write": [self.same(target)],
                "unlink": [],
            }[operation]
            if target._transient:
                outcome = self.call(role, model, operation, arguments, own=own)
            else:
                outcome = self.call(role, model, operation, [target.ids, *arguments])
        refused_by_rule = isinstance(outcome.error, IntegrityError)
        return CLEAR if refused_by_rule else outcome.kind, outcome

    def open_dialog(self, role, model, values):
        """A line of a dialog is of one's own dialog, where one may open it."""
        for name, field in self.env[model]._fields.items():
            if name in values and field.type == "many2one":
                dialog = self.env[field.comodel_name].with_user(self.users[role])
                if dialog._transient:
                    with suppress(AccessError), self.env.cr.savepoint():
                        values[name] = dialog.create(self.values(dialog._name)).id

    def readable(self, target):
        """Return the fields to read: of a dialog all that anybody may, as its form does."""
        if not target._transient:
            return ["id"]
        return [name for name, field in target._fields.items() if not field.groups]

    def same(self, target):
        """Return values to write that are there already: the right is tried, and not the value."""
        fields = [
            field
            for name, field in target._fields.items()
            if field.store and field.type in VALUES and not field.related and name != "id"
        ]
        best = min(fields, key=lambda f: (f.readonly, f.name in LOGGED, bool(f.compute)))
        return {best.name: target[best.name]}
