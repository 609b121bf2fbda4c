"""Calls as a browser or a program of somebody else makes them, and what becomes of each.

Every call goes through Odoo's own ``call_kw``, in a savepoint that is undone afterwards.
"""

import inspect
import json
import logging
import re
from collections import namedtuple
from pathlib import Path

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.modules import get_module_path
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from odoo.tools.json import json_default

from .common import CcmCommon

OURS = ("odoo.addons.ccm_module", "odoo.addons.ccm_survey", "odoo.addons.ccm_queue_job")
TODAY = "2026-07-15 15:00:00"

# What nobody learns who may not: the name, the note, the identifier and the money of one patient.
NAME, NOTE, MRN, MONEY = "Zebulon Quartz", "confides a fall", "MRN-774411", 4711.17
SECRETS = (NAME, NOTE, MRN, str(MONEY))

# REFUSED says that it is not for this person, CLEAR that it cannot be done so, TRACE anything else.
DONE, REFUSED, CLEAR, TRACE = "done", "refused", "clear", "trace"
Outcome = namedtuple("Outcome", "kind error text written")


class Undo(Exception):
    """The call came to its end; what it wrote goes away again."""


class LogReader(logging.Handler):
    """Keeps what is logged at INFO and above, to look for health data in it."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def is_ours(model):
    return model.startswith("ccm.")


def own_methods(env, addons=OURS):
    """Return ``{(model, method)}``: what these addons define and a client can call.

    Without what only adds to a method of Odoo's: those are every model's, see ``inherited``.
    """
    found = set()
    for model, cls in env.registry.items():
        names = {True: set(), False: set()}
        for base in cls.mro():
            names[base.__module__.startswith(addons)].update(vars(base))
        ours = names[True] - names[False]
        found |= {(model, name) for name in ours if is_reachable(env, model, name)}
    return found


def is_reachable(env, model, method):
    """Tell whether Odoo would let a client call it."""
    if method.startswith("_"):
        return False
    try:
        found = get_public_method(env[model], method)
    except (AccessError, AttributeError):
        return False
    return inspect.isroutine(found)


def inherited(env, model):
    """Return the names of the other methods that a client can call on ``model``: Odoo's own."""
    own = {name for known, name in own_methods(env) if known == model}
    cls = env.registry[model]
    return [n for n in dir(cls) if n not in own and is_reachable(env, model, n)]


def context_keys():
    """Return the keys that our code looks for in the context, found in its source."""
    sources = [
        path.read_text()
        for addon in OURS
        if (root := get_module_path(addon.split(".")[-1], display_warning=False))
        for path in Path(root).rglob("*.py")
        if "tests" not in path.parts
    ]
    return {
        key for source in sources for key in re.findall(r'context\.get\(\s*"(ccm_\w+)"', source)
    }


class ReachCommon(CcmCommon):
    """A practice with a patient in the middle of everything, and everybody who should not see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = LogReader()
        logging.getLogger().addHandler(cls.reader)
        cls.addClassCleanup(logging.getLogger().removeHandler, cls.reader)
        cls.company.ccm_biller_id = cls.biller
        cls.elsewhere = cls.env["res.company"].create({"name": "Practice Elsewhere"})
        there = {"company_id": cls.elsewhere.id, "company_ids": cls.elsewhere.ids}
        everything = "ccm_module.group_ccm_manager,ccm_module.group_ccm_practitioner"
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "portal": new_test_user(cls.env, "reach_portal", groups="base.group_portal"),
            "stranger": new_test_user(cls.env, "reach_stranger", groups=everything, **there),
            "employee": new_test_user(cls.env, "reach_employee", groups="base.group_user"),
            "auditor": cls.auditor,
            "nurse": cls.nurse,
            "doctor": cls.doctor,
            "biller": cls.biller,
            "manager": cls.manager,
        }
        cls._tell_the_story()
        clock = freeze_time(TODAY)
        clock.start()
        cls.addClassCleanup(clock.stop)

    def setUp(self):
        super().setUp()
        self.targets = {}
        self.counted = None, 0

    @classmethod
    def _tell_the_story(cls):
        """June is billed, in July a timer runs."""
        vals = {
            "name": NAME,
            "ccm_mrn": MRN,
            "company_id": cls.company.id,
            "email": "z@example.com",
        }
        cls.patient = cls.make_ready_patient("2026-05-04", **vals)
        cls.neighbor = cls.make_patient(
            name="Quincy Neighbor", ccm_mrn="MRN-2", company_id=cls.company.id
        )
        cls.draft_plan = cls.make_plan(cls.neighbor)
        cls.log(cls.patient, "2026-06-10 14:00:00", 25, note=NOTE)
        with freeze_time("2026-07-02 12:00:00"):
            june = cls.env["ccm.month"]._refresh("2026-06-01", cls.patient)
            june.with_user(cls.biller).action_invoice()
            june.line_ids.amount = MONEY
        cls.log(cls.patient, "2026-07-10 14:00:00", 21, note=NOTE)
        with freeze_time(TODAY):
            cls.env["ccm.month"]._refresh("2026-07-01", cls.patient)
            cls.env["ccm.activity"].with_user(cls.nurse).action_start_timer(cls.patient.id)
        cls.env.flush_all()

    # --- what a call is made on -------------------------------------------------------------------

    def target(self, model):
        """Return a record of ``model`` that is the patient's, made up where the story has none."""
        if model not in self.targets:
            records = self.env[model]
            found = records.browse()
            if records._abstract:
                found = records.browse(1)
            elif not records._transient:
                found = records.search(self._patient_domain(model), order="id desc", limit=1)
            self.targets[model] = found or records.create(self.values(model))
            self.env.invalidate_all()  # a call begins with nothing read
        return self.targets[model]

    def _patient_domain(self, model):
        if model == "res.partner":
            return [("id", "=", self.patient.id)]
        if model == "mail.activity":
            return [("res_model", "=", "res.partner"), ("res_id", "=", self.patient.id)]
        if model == "res.company":
            return [("id", "=", self.company.id)]
        if model == "res.users":
            return [("id", "=", self.nurse.id)]
        return [("partner_id", "=", self.patient.id)] if self._is_about_patient(model) else []

    def _is_about_patient(self, model):
        field = self.env[model]._fields.get("partner_id")
        return field and field.comodel_name == "res.partner" and field.store

    def values(self, model, **given):
        """Return values with which a record of ``model`` is made: what it asks for, and no more."""
        records = self.env[model]
        found = {**self.FILL.get(model, {}), **given}
        found = {name: value(self) if callable(value) else value for name, value in found.items()}
        if self._is_about_patient(model):
            found.setdefault("partner_id", self.patient.id)
        offered = records.default_get(list(records._fields))
        for name, field in records._fields.items():
            wanted = field.required and field.store and not field.related and name not in found
            if wanted and (not field.compute or field.inverse) and not offered.get(name):
                found[name] = self.value(records, field)
        return found

    def value(self, records, field):
        """Return a valid value of a field, and the patient's where it is a link."""
        if field.type == "many2one":
            return self.target(field.comodel_name).id
        if field.type in ("one2many", "many2many"):
            return [(6, 0, self.target(field.comodel_name).ids)]
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if field.type == "date":
            return "2026-07-01"
        if field.type == "datetime":
            return "2026-07-10 15:00:00"
        if field.type in ("integer", "float", "monetary"):
            return 1
        if field.type == "boolean":
            return True
        if field.type == "binary":
            return "aGVsbG8="
        if field.type == "reference":
            return f"res.partner,{self.patient.id}"
        return "Words"

    FILL = {
        **{
            f"ccm.care.plan.{row}": {"plan_id": lambda case: case.draft_plan.id}
            for row in ("goal", "intervention", "medication", "member", "service")
        },
        "ccm.emergency.access": {"reason": "Fell at home, cannot wait"},
        "ccm.reading": {"value": 80},
        "ccm.activity": {
            "start": "2026-07-13 13:00:00",
            "stop": "2026-07-13 13:20:00",
            "reason": "Words",
        },
        "ccm.care.plan.template": {"codes": "E11"},
        "ccm.consent": {"practitioner_id": lambda case: case.practitioner.id},
        "ccm.enrollment": {"practitioner_id": lambda case: case.practitioner.id},
        "ccm.diagnosis": {"code": "Y99.ZZ9"},
        "ccm.fee.schedule": {"date_from": "2040-01-01", "date_to": "2040-12-31"},
        "ccm.month": {"month": "2026-09-01"},
        "ccm.visit": {"practitioner_id": lambda case: case.practitioner.id},
        "ccm.reading.type": {"maximum": 300},
        "res.company": {"name": "A third practice"},
        "res.partner": {"name": "Words", "properties_base_definition_id": False},
        "mail.activity": {
            "res_model_id": lambda case: case.env["ir.model"]._get_id("res.partner"),
            "res_id": lambda case: case.patient.id,
            "user_id": lambda case: case.nurse.id,
            "activity_type_id": lambda c: c.env.ref("ccm_module.mail_activity_type_call").id,
        },
        "mail.activity.schedule": {
            "res_model": "res.partner",
            "res_ids": lambda case: str(case.patient.ids),
        },
        "ccm.handover": {
            "enrollment_ids": lambda case: [(6, 0, case.target("ccm.enrollment").ids)],
            "to_user_id": lambda case: case.nurse.id,
        },
        "ccm.activity.share": {"partner_ids": lambda c: [(6, 0, (c.patient | c.neighbor).ids)]},
    }

    # --- the call ----------------------------------------------------------------------------------

    def call(self, who, model, method, args=(), kwargs=None, own=None):
        """Let ``who`` call it, and return what became of it; nothing of it stays.

        :param dict own: values of a record that the caller makes first, to call it on that
        """
        user = self.users[who]
        env = self.env(user=user.id, su=False, context={"lang": "en_US", "tz": "UTC"})
        written, text, error = False, "", None
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                before = self._written()
                if own is not None:
                    args = [call_kw(env[model], "create", [[own]], {}), *args]
                    before = self._written()
                result = call_kw(env[model], method, list(args), kwargs or {})
                env.flush_all()
                text = json.dumps(result, default=json_default)
                written = self._written() != before
                raise Undo
        except Undo:
            return Outcome(DONE, None, text, written)
        except Exception as caught:
            error = caught
        kind = TRACE
        if isinstance(error, (AccessError, MissingError)):
            kind = REFUSED
        elif isinstance(error, UserError | IntegrityError):  # the latter Odoo puts into words
            kind = CLEAR
        return Outcome(kind, error, str(error), written)

    def _written(self):
        """Return how many rows this transaction has written so far, whatever the table.

        Counted anew only when the database's log has grown: most calls write nothing at all.
        """
        self.env.cr.execute("SELECT pg_current_wal_insert_lsn()")
        [grown_to] = self.env.cr.fetchone()
        if self.counted[0] != grown_to:
            self.env.cr.execute(
                """
                SELECT sum(pg_stat_get_xact_tuples_inserted(oid)
                    + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid))
                FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                """
            )
            self.counted = grown_to, self.env.cr.fetchone()[0]
        return self.counted[1]
