import contextlib
from contextlib import contextmanager

from freezegun import freeze_time

from odoo.tools import SQL

from .common import CcmCommon


class _Undo(Exception):
    pass


class SealCase(CcmCommon):
    """Ada, Bea and Cleo each have a bill for October, sealed in the links 1, 2 and 3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patients = cls.env["res.partner"]
        for number, name in enumerate(("Ada", "Bea", "Cleo"), 1):
            cls.patients += cls.make_ready_patient(
                day="2026-09-01", name=name, ccm_mrn=f"MRN-{number}"
            )
        cls.ada, cls.bea, cls.cleo = cls.patients
        cls.entries = cls.env["ccm.activity"]
        for hour, patient in enumerate(cls.patients):
            cls.entries += cls.log(patient, f"2026-10-05 {hour + 14}:00:00", minutes=25)
        # corrected before it was billed, so that there is a correction to seal
        with freeze_time("2026-10-06 15:00:00"):
            cls.correct(cls.entries[0], stop="2026-10-05 14:24:00")
        with freeze_time("2026-11-03 15:00:00"):
            cls.months = cls.env["ccm.month"]._refresh("2026-10-01", cls.patients)
            cls.months = cls.months.sorted("id")
            for month in cls.months:
                month.with_user(cls.biller).action_invoice()
            cls.seal()

    @classmethod
    def seal(cls):
        """Do what the job does, but for its commits."""
        links = cls.env["ccm.seal"]
        while made := links._seal_batch(cls.company, 2):
            links += made
        return links

    @classmethod
    def correct(cls, entry, **vals):
        entry.with_user(cls.manager).write({**vals, "correction_reason": "Misread the clock"})

    def check(self):
        return self.env["ccm.seal"]._check_chain(self.company)

    def links(self, *domain):
        return self.env["ccm.seal"].search(
            [("company_id", "=", self.company.id), *domain], order="sequence"
        )

    def by_sql(self, *statements):
        """Change rows past the program, as whoever owns the database can."""
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ccm_seal", "ccm_decision"):
            self.env.cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table)))
        for statement in statements:
            self.env.cr.execute(statement)
            self.assertTrue(self.env.cr.rowcount, statement)
        self.env.invalidate_all(flush=False)

    def start_anew(self, *statements):
        """Bring it to where nothing is sealed yet."""
        self.by_sql(
            f"DELETE FROM ccm_seal WHERE company_id = {self.company.id}",
            f"DELETE FROM ccm_seal_head WHERE company_id = {self.company.id}",
            *statements,
        )

    @contextmanager
    def rolled_back(self):
        """Undo what is done inside."""
        with contextlib.suppress(_Undo), self.env.cr.savepoint():
            yield
            raise _Undo
        self.env.invalidate_all(flush=False)

    def assert_whole(self, links):
        found = self.check()
        self.assertIsNone(found["broken"])
        self.assertTrue(found["ok"])
        self.assertEqual(found["links"], links)
        self.assertEqual(found["waiting"], 0)

    def assert_broken(self, sequence, problem, kind=None, res_id=None, fields=()):
        found = self.check()
        broken = found["broken"] or {}
        told = {name: broken.get(name) for name in ("sequence", "problem", "kind", "res_id")}
        self.assertEqual(
            (told, broken.get("fields")),
            (
                {"sequence": sequence, "problem": problem, "kind": kind, "res_id": res_id},
                list(fields),
            ),
        )
        self.assertFalse(found["ok"])
        for patient in self.patients:
            self.assertNotIn(patient.name, broken["words"])
        return broken["words"]
