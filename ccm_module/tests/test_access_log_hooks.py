"""What leaves a row in the access log: each way in which a patient's record reaches somebody."""

import io
import json
import zipfile

from freezegun import freeze_time

from odoo import http
from odoo.fields import Datetime
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ..models.base import SHOWN
from .common import CcmCommon


def queries(env, call):
    """Return how many queries a call takes once everything that is cached for all is cached."""
    call()
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    call()
    return env.cr.sql_log_count - before


FORM = {"name": {}, "ccm_mrn": {}, "ccm_condition_ids": {"fields": {"diagnosis_id": {}}}}


class AccessCase(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_patient()
        cls.condition = cls.make_condition(cls.patient, cls.diabetes)
        cls.log_model = cls.env["ccm.access.log"]

    def rows(self, **values):
        """Return what is logged of the patient, as (user, kind, model, id) in order of time."""
        domain = [("partner_id", "=", self.patient.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return [
            (row.user_id.login, row.kind, row.res_model, row.res_id)
            for row in self.log_model.search(domain, order="id")
        ]


@tagged("post_install", "-at_install")
class TestAccessLogHooks(AccessCase):
    def as_nurse(self, records):
        return records.with_user(self.nurse)

    # --- opened ---------------------------------------------------------------------------------

    def test_opening_a_patient(self):
        self.as_nurse(self.patient).web_read(FORM)
        self.assertEqual(self.rows(), [("ccm_nurse", "open", "res.partner", self.patient.id)])

    def test_opening_any_record_of_a_patient(self):
        plan = self.make_plan(self.patient)
        goal = plan.goal_ids
        visit = self.make_visit(self.patient, "2026-06-01")
        for record in (self.condition, plan, goal, visit):
            self.as_nurse(record).web_read({"display_name": {}})
        self.assertEqual(
            [(model, res_id) for _who, _kind, model, res_id in self.rows(kind="open")],
            [(record._name, record.id) for record in (self.condition, plan, goal, visit)],
        )

    def test_saving_shows_the_record_too(self):
        self.as_nurse(self.patient).web_save({"ccm_mrn": "MRN-9"}, FORM)
        self.assertEqual(len(self.rows(kind="open")), 1)

    def test_a_new_patient_is_seen_by_who_made_it(self):
        vals = {"name": "New Patient", "is_ccm_patient": True}
        made = self.as_nurse(self.env["res.partner"]).web_save(vals, FORM)
        self.assertEqual(self.log_model.search([("partner_id", "=", made[0]["id"])]).kind, "open")

    def test_lists_and_searches_leave_none(self):
        nurse = self.as_nurse(self.env["res.partner"])
        domain = [("id", "=", self.patient.id)]
        self.assertEqual(nurse.web_search_read(domain, FORM)["length"], 1)
        groups = nurse.web_read_group(
            domain, ["company_id"], ["__count"], auto_unfold=True, unfold_read_specification=FORM
        )
        self.assertEqual(groups["length"], 1)
        nurse.web_name_search("Ada", {"display_name": {}}, domain)
        self.as_nurse(self.patient + self.nurse.partner_id).web_read(FORM)
        self.assertFalse(self.rows())

    def test_a_contact_as_any_other_leaves_none(self):
        self.patient.with_user(self.outsider).web_read({"name": {}, "phone": {}})
        self.assertFalse(self.rows())

    def test_who_may_not_read_opened_nothing(self):
        with self.refused(Exception):
            self.condition.with_user(self.outsider).web_read({"display_name": {}})
        self.assertFalse(self.rows())

    def test_no_client_can_switch_it_off(self):
        for number, forged in enumerate((True, "shown", {"a": 1}, ["shown"])):
            context = json.loads(json.dumps({"ccm_shown": forged}))
            # not to be taken for the same look again
            with freeze_time(f"2026-06-03 1{number}:00:00"):
                self.as_nurse(self.patient).with_context(**context).web_read(FORM)
        self.assertEqual(len(self.rows(kind="open")), 4)

    def test_it_costs_the_same_number_of_queries_always(self):
        def cost(patient, **context):
            records = patient.with_user(self.nurse).with_context(**context)
            return queries(self.env, lambda: records.web_read(FORM))

        def extra(patient):
            return cost(patient) - cost(patient, ccm_shown=SHOWN)

        many = self.make_patient(name="Many Patient", ccm_mrn="MRN-2")
        for diagnosis in (self.diabetes, self.hypertension, self.sprain):
            self.make_condition(many, diagnosis)
        # what of the patient the form did not ask; a savepoint, the row, the savepoint's end
        self.assertEqual(extra(self.patient), 4)
        self.assertEqual(extra(many), 4)
        for _time in range(50):
            self.log_model._log("export", self.patient)
        self.assertEqual(extra(self.patient), 4)

    # --- exported and printed -------------------------------------------------------------------

    def test_exporting(self):
        self.nurse.group_ids += self.env.ref("base.group_allow_export")
        self.as_nurse(self.patient + self.nurse.partner_id).export_data(["name", "ccm_mrn"])
        self.as_nurse(self.condition).export_data(["diagnosis_id"])
        self.assertEqual(
            self.rows(),
            [
                ("ccm_nurse", "export", "res.partner", self.patient.id),
                ("ccm_nurse", "export", "ccm.condition", self.condition.id),
            ],
        )

    def test_printing_a_care_plan(self):
        plan = self.make_approved_plan(self.patient)
        reports = self.env["ir.actions.report"].with_user(self.nurse)
        reports._render_qweb_pdf("ccm_module.ccm_care_plan_report", plan.ids)
        self.assertEqual(
            self.rows(kind="print"), [("ccm_nurse", "print", "ccm.care.plan", plan.id)]
        )
        reports._render("ccm_module.ccm_care_plan_report", plan.ids)
        self.assertEqual(len(self.rows(kind="print")), 2, "each print counts")


@tagged("post_install", "-at_install")
class TestAccessLogRoutes(AccessCase, HttpCase):
    """Over HTTP, as the browser does it: with the address that the request came from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_registry_readonly_mode(False)
        cls.billed = cls.make_ready_patient("2026-09-01", name="Bill Patient", ccm_mrn="MRN-3")
        cls.log(cls.billed, "2026-10-05 15:00:00", minutes=45)
        with freeze_time("2026-11-03 15:00:00"):
            cls.month = cls.env["ccm.month"]._refresh("2026-10-01", cls.billed)
            cls.month.with_user(cls.biller).action_invoice()
        cls.invoice = cls.month.move_id
        cls.invoice.action_post()

    def token(self):
        return http.Request.csrf_token(self)

    def of_billed(self, kind):
        rows = self.log_model.search([("partner_id", "=", self.billed.id), ("kind", "=", kind)])
        return [(row.user_id.login, row.res_model, row.res_id, row.ip) for row in rows]

    def test_the_web_client_opens_a_form(self):
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.make_jsonrpc_request(
            "/web/dataset/call_kw/res.partner/web_read",
            {
                "model": "res.partner",
                "method": "web_read",
                "args": [[self.patient.id]],
                "kwargs": {"specification": FORM, "context": {"ccm_shown": "shown"}},
            },
        )
        row = self.log_model.search([("partner_id", "=", self.patient.id)])
        self.assertEqual((row.user_id, row.kind, row.ip), (self.nurse, "open", "127.0.0.1"))

    def test_export_of_a_whole_list(self):
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate("ccm_manager", "ccm_manager")
        data = {
            "model": "res.partner",
            "fields": [{"name": "name", "label": "Name", "type": "char"}],
            "ids": False,
            "domain": [["id", "in", [self.patient.id, self.billed.id]]],
            "import_compat": False,
        }
        for route, groupby in (("csv", []), ("xlsx", []), ("xlsx", ["company_id"])):
            wanted = json.dumps({**data, "groupby": groupby})
            answer = self.url_open(
                f"/web/export/{route}", data={"data": wanted, "csrf_token": self.token()}
            )
            self.assertEqual(answer.status_code, 200, answer.text)
        for patient in (self.patient, self.billed):
            rows = self.log_model.search([("partner_id", "=", patient.id), ("kind", "=", "export")])
            self.assertEqual(rows.mapped("ip"), ["127.0.0.1"] * len(rows))
            self.assertEqual(len(rows), 3)

    def test_files_of_a_record(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "letter.txt",
                "raw": b"Dear",
                "res_model": "ccm.condition",
                "res_id": self.condition.id,
            }
        )
        self.patient.image_1920 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.assertEqual(self.url_open(f"/web/content/{file.id}?download=1").content, b"Dear")
        self.url_open(f"/web/image/res.partner/{self.patient.id}/avatar_128")
        zipped = self.url_open(
            "/mail/attachment/zip",
            data={"file_ids": file.id, "zip_name": "a", "csrf_token": self.token()},
        )
        self.assertEqual(len(zipfile.ZipFile(io.BytesIO(zipped.content)).namelist()), 1)
        self.assertEqual(
            self.rows(), [("ccm_nurse", "download", "ccm.condition", self.condition.id)]
        )

    def test_the_months_workbook(self):
        close = self.env["ccm.close"].search([("month", "=", "2026-10-01")], limit=1)
        close = close or self.env["ccm.close"]._ensure(self.company, [self.month.month])
        self.authenticate("ccm_nurse", "ccm_nurse")
        self.assertEqual(self.url_open(f"/ccm/close/{close.id}/workbook").status_code, 404)
        self.assertFalse(self.of_billed("download"))
        self.authenticate("ccm_biller", "ccm_biller")
        self.assertEqual(self.url_open(f"/ccm/close/{close.id}/workbook").status_code, 200)
        self.assertEqual(
            self.of_billed("download"), [("ccm_biller", "ccm.month", self.month.id, "127.0.0.1")]
        )

    def test_invoices_in_the_office(self):
        document = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF",
                "res_model": "account.move",
                "res_id": self.invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.authenticate("ccm_biller", "ccm_biller")
        for hours, path in enumerate(
            (
                f"/account/download_invoice_attachments/{document.id}",
                f"/account/download_invoice_documents/{self.invoice.id}/pdf",
                f"/account/download_move_attachments/{self.invoice.id}",
            )
        ):
            with freeze_time(Datetime.add(Datetime.now(), hours=hours)):
                self.assertEqual(self.url_open(path).status_code, 200, path)
            self.assertEqual(
                self.of_billed("download"),
                [("ccm_biller", "account.move", self.invoice.id, "127.0.0.1")] * (hours + 1),
            )

    def test_the_patient_looks_at_the_portal(self):
        new_test_user(
            self.env, "bill_patient", groups="base.group_portal", partner_id=self.billed.id
        )
        self.authenticate("bill_patient", "bill_patient")
        self.assertEqual(self.url_open(f"/my/invoices/{self.invoice.id}").status_code, 200)
        self.assertEqual(
            self.of_billed("open"),
            [("bill_patient", "account.move", self.invoice.id, "127.0.0.1")],
        )
        self.url_open(f"/my/invoices/{self.invoice.id}?report_type=html")
        self.assertEqual(self.of_billed("print")[0][:2], ("bill_patient", "account.move"))

    def test_who_is_turned_away_at_the_portal_saw_nothing(self):
        new_test_user(self.env, "stranger", groups="base.group_portal")
        self.authenticate("stranger", "stranger")
        self.url_open(f"/my/invoices/{self.invoice.id}")
        self.assertFalse(self.of_billed("open"))


@tagged("post_install", "-at_install")
class TestPatientData(TransactionCase):
    def test_every_model_of_ours_with_a_patient_is_found(self):
        paths = self.env["ccm.patient.data"]._paths()
        partner = self.env["res.partner"]
        for name, path in paths.items():
            records = self.env[name]
            self.assertEqual((records.mapped(path) if path else records)._name, partner._name, name)
        self.assertIn("ccm.care.plan.goal", paths)
        self.assertEqual(paths["ccm.month.line"], "month_id.partner_id")
        for name in ("ccm.diagnosis", "ccm.close", "ccm.activity.type", "ccm.cover"):
            self.assertNotIn(name, paths)

    def test_no_model_of_ours_points_at_a_patient_unseen(self):
        """One with another kind of link needs a path in ``ccm.patient.data``, or a word here."""
        paths = self.env["ccm.patient.data"]._paths()
        for name, model in self.env.registry.items():
            if not name.startswith("ccm.") or model._abstract or model._transient or name in paths:
                continue
            links = [
                field.name
                for field in model._fields.values()
                if field.store and field.type == "many2one" and field.comodel_name in paths
            ]
            self.assertFalse(links, name)
