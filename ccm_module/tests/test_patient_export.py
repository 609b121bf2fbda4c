"""All that is held about one patient goes out as one ZIP, and nothing of anybody else's."""

import io
import json
import re
import zipfile
from functools import reduce

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import CcmCommon

SECRET = "Zacharias Otherpatient"


@tagged("post_install", "-at_install")
class TestPatientExport(CcmCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_registry_readonly_mode(False)
        cls.patient = cls.make_ready_patient(day="2026-09-01")
        cls.other = cls.make_ready_patient(day="2026-09-01", name=SECRET, ccm_mrn="OTHER-77")
        cls.entry = cls.log(cls.patient, "2026-10-05 15:00:00", minutes=45, note="Called Ann <b>")
        cls.log(cls.other, "2026-10-05 16:00:00", minutes=45, note="Called the other one")
        cls.both = cls.patient | cls.other
        with freeze_time("2026-11-03 15:00:00"):
            months = cls.env["ccm.month"]._refresh("2026-10-01", cls.both)
            months.with_user(cls.biller).action_invoice()
        months.move_id.action_post()
        cls.month = months.filtered(lambda m: m.partner_id == cls.patient)
        for partner, text in ((cls.patient, b"for Ada"), (cls.other, SECRET.encode())):
            cls.env["ir.attachment"].create(
                {
                    "name": "../../letter of today.txt",
                    "raw": text,
                    "res_model": "ccm.consent",
                    "res_id": partner.ccm_consent_ids.id,
                }
            )
            partner.message_post(body=f"Written to {partner.name}")
        cls.env["ccm.access.log"]._log("print", cls.both)

    def export(self, user=None, partner=None):
        content = (
            self.env["ccm.patient.export"]
            .with_user(user or self.manager)
            ._zip((partner or self.patient).with_user(user or self.manager))
        )
        return zipfile.ZipFile(io.BytesIO(content))

    def test_everything_of_the_patient_is_in_it(self):
        archive = self.export()
        record = json.loads(archive.read("record.json"))
        found = record["records"]
        for name, path in self.env["ccm.patient.data"]._paths().items():
            model = self.env[name].with_context(active_test=False)
            if model._auto:
                wanted = model.search([(path or "id", "=", self.patient.id)])
                self.assertEqual(
                    {one["id"] for one in found.get(name, ())} & set(wanted.ids),
                    set(wanted.ids),
                    name,
                )
                for one in found.get(name, ()):
                    missing = {
                        field.name
                        for field in model._fields.values()
                        if field.store and field.type not in ("one2many", "binary")
                    } - one.keys()
                    self.assertFalse(missing, name)
        self.assertGreater(len([name for name in found if name.startswith("ccm.")]), 10)
        [entry] = found["ccm.activity"]
        self.assertEqual((entry["note"], entry["seconds"]), ("Called Ann <b>", 2700))
        self.assertEqual(entry["partner_id"], {"id": self.patient.id, "name": "Ada Patient"})
        self.assertEqual(found["ccm.decision"][0]["facts"], self.month.decision_ids.facts)
        self.assertIn(self.month.move_id.id, [move["id"] for move in found["account.move"]])
        self.assertTrue(found["account.move.line"])
        self.assertIn("Written to Ada", "".join(m["body"] or "" for m in found["mail.message"]))
        self.assertTrue(found["ccm.access.log"])
        files = {file["path"]: archive.read(file["path"]) for file in record["files"]}
        self.assertIn(b"for Ada", files.values())
        self.assertFalse([path for path in archive.namelist() if "/.." in path or path[0] in "/."])

    def test_nothing_of_another_patient_is_in_it(self):
        archive = self.export()
        whole = reduce(bytes.__add__, (archive.read(name) for name in archive.namelist()))
        for word in (SECRET, "OTHER-77", "Called the other one"):
            self.assertNotIn(word.encode(), whole)
        self.assertIn(b"Ada Patient", whole)
        record = json.loads(archive.read("record.json"))["records"]
        for name, path in self.env["ccm.patient.data"]._paths().items():
            strangers = self.env[name].with_context(active_test=False)
            if strangers._auto:
                ids = set(strangers.search([(path or "id", "=", self.other.id)]).ids)
                self.assertFalse({one["id"] for one in record.get(name, ())} & ids, name)

    def test_the_page_to_read(self):
        page = self.export().read("record.html").decode()
        kind = self.env["ccm.activity"]._description
        for text in ("Ada Patient", "Called Ann &lt;b&gt;", kind, "E11.9", "record.json"):
            self.assertIn(text, page)
        self.assertNotIn("Ann <b>", page)
        self.assertIn("Files are in the folder beside this page", page)
        titles = re.findall(r"<h2>\s*(.+?) \(\d", page)
        self.assertLess(
            *(titles.index(self.env[n]._description) for n in ("ccm.activity", "account.move"))
        )
        self.assertNotIn("http://", page.replace("http://www.w3.org", ""))

    def test_practices_are_kept_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        there = self.make_condition(self.patient, self.sprain, company_id=elsewhere.id)
        found = json.loads(self.export().read("record.json"))["records"]["ccm.condition"]
        self.assertNotIn(there.id, [one["id"] for one in found])
        self.manager.company_ids += elsewhere
        found = json.loads(self.export().read("record.json"))["records"]["ccm.condition"]
        self.assertIn(there.id, [one["id"] for one in found])

    def test_an_export_by_the_browser_is_logged(self):
        self.authenticate("ccm_manager", "ccm_manager")
        action = self.patient.with_user(self.manager).action_ccm_export()
        answer = self.url_open(action["url"])
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertNotIn("Ada", answer.headers["Content-Disposition"])
        self.assertIn("record.json", zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
        row = self.env["ccm.access.log"].search(
            [("partner_id", "=", self.patient.id), ("kind", "=", "export")]
        )
        self.assertEqual((row.user_id, row.ip), (self.manager, "127.0.0.1"))

    def test_only_a_manager_exports(self):
        url = f"/ccm/patient/{self.patient.id}/export"
        for user in (self.nurse, self.doctor, self.biller, self.auditor, self.outsider):
            with self.refused(AccessError):
                self.patient.with_user(user).action_ccm_export()
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url).status_code, 404, user.login)
        self.authenticate("ccm_manager", "ccm_manager")
        for nobody in (self.practitioner.id, 10**9):
            self.assertEqual(self.url_open(f"/ccm/patient/{nobody}/export").status_code, 404)
        with self.refused(UserError, "no Chronic Care patient"):
            self.practitioner.with_user(self.manager).action_ccm_export()
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(url).url)
        self.assertFalse(self.env["ccm.access.log"].search([("kind", "=", "export")]))
