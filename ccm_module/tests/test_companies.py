"""Two practices in one database: neither learns of the other's patients, by any way in."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CcmCommon

NAME = "Zebulon Quartz"


class TwoPractices(CcmCommon):
    """``patient`` is this practice's, with a billed month; ``stranger`` may do all in the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient = cls.make_ready_patient(name=NAME)
        cls.log(cls.patient, "2026-06-10 15:00:00", 25)
        cls.month = cls.env["ccm.month"]._refresh(date(2026, 6, 1), cls.patient)
        cls.month.with_user(cls.biller).action_invoice()
        cls.close = cls.env["ccm.close"]._ensure(cls.company, [date(2026, 6, 1)])
        cls.call = cls.patient.activity_schedule(
            "ccm_module.mail_activity_type_call", user_id=cls.nurse.id
        )
        cls.task = cls.month.activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.biller.id
        )
        cls.file = cls.env["ir.attachment"].create(
            {
                "name": "chart.txt",
                "raw": b"diabetes",
                "res_model": "ccm.month",
                "res_id": cls.month.id,
            }
        )
        cls.elsewhere = cls.env["res.company"].create({"name": "Practice Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "ccm_stranger",
            groups="ccm_module.group_ccm_manager,ccm_module.group_ccm_practitioner,"
            "base.group_allow_export",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )
        cls.there = cls.env(user=cls.stranger.id, su=False)


@tagged("post_install", "-at_install")
class TestCompanies(TwoPractices):
    def test_no_model_with_a_patient_tells_the_other_practice(self):
        looked = 0
        for name, path in self.env["ccm.patient.data"]._paths().items():
            model = self.there[name]
            if not name.startswith("ccm.") or not model.has_access("read"):
                continue
            looked += 1
            domain = [(path, "=", self.patient.id)]
            with self.subTest(model=name):
                ours = self.env[name].search(domain)
                self.assertFalse(model.search(domain))
                self.assertFalse(model.search_count(domain))
                self.assertEqual(model.search_count([]), len(model.search([])))
                for group, count in model._read_group(domain, [path.split(".")[0]], ["__count"]):
                    self.assertFalse(count, group)
                if model._rec_names_search or model._fields[model._rec_name or "id"].store:
                    found = {found_id for found_id, _name in model.name_search("Zebulon")}
                    self.assertFalse(found & set(ours.ids))
                if ours and model._auto:
                    with self.assertRaises(AccessError):
                        model.browse(ours.ids).read(["display_name"])
                    with self.assertRaises(AccessError):
                        model.browse(ours.ids).export_data(["display_name"])
        self.assertGreater(looked, 20)

    def test_a_shared_contact_brings_nothing_of_the_other_practice_s_care(self):
        partner = self.patient.with_env(self.there)
        names = [
            name
            for name, field in partner._fields.items()
            if name.startswith("ccm_") and field.type in ("one2many", "integer", "many2one")
        ]
        [values] = partner.read(names)
        told = {name: values[name] for name in names if values[name]}
        self.assertFalse(told)
        rows = partner.export_data(["name", "ccm_month_ids/total_minutes"])["datas"]
        self.assertEqual([row[1:] for row in rows], [[""]])

    def test_reports_of_the_other_practice_are_empty(self):
        sums = ["__count", "active_end:avg", "enrolled_count:sum"]
        [(count, *_rest)] = self.there["ccm.enrollment.report"]._read_group([], [], sums)
        self.assertFalse(count)
        [(count, amount)] = self.there["ccm.month"]._read_group(
            [], [], ["__count", "amount_total:sum"]
        )
        self.assertFalse(count or amount)
        self.assertFalse(self.there["account.invoice.report"].search_count([]))
        close = self.close.with_env(self.there)
        for look in (close._workbook, close._report_summary, close.get_progress, close.action_view):
            with self.assertRaises(AccessError):
                look()
        action = self.there["ccm.close"].action_open_list()
        self.assertFalse(self.there[action["res_model"]].search([]))

    def test_activities_messages_and_files_stay_here(self):
        activities = self.there["mail.activity"]
        self.assertFalse(activities.search([("id", "in", (self.call | self.task).ids)]) & self.task)
        message = self.month.with_user(self.nurse).message_post(body="She feels better")
        self.assertFalse(self.there["mail.message"].search([("id", "=", message.id)]))
        self.assertFalse(self.there["ir.attachment"].search([("id", "=", self.file.id)]))
        for record in (self.task, message, self.file):
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_env(self.there).read(["display_name"])

    def test_the_digest_has_no_number_of_ours(self):
        names = [name for name in self.env["digest.digest"]._fields if "ccm" in name]
        self.assertFalse(names, "say in this test how a digest keeps to its practice")


@tagged("post_install", "-at_install")
class TestCompaniesHttp(TwoPractices, HttpCase):
    def test_the_routes_of_the_close_are_closed_to_the_other_practice(self):
        self.stranger.password = "ccm_stranger_1"
        self.authenticate("ccm_stranger", "ccm_stranger_1")
        for url in (
            f"/ccm/close/{self.close.id}/workbook",
            f"/report/html/ccm_module.report_ccm_close/{self.close.id}",
            f"/web/content/{self.file.id}",
        ):
            with self.subTest(url=url):
                response = self.url_open(url, allow_redirects=False)
                self.assertNotIn(NAME, response.text)
                self.assertNotIn("diabetes", response.text)
                self.assertNotEqual(response.status_code, 200)


@tagged("post_install", "-at_install")
class TestPortal(TwoPractices, HttpCase):
    """A patient with a login sees the own bills, as Odoo shows them, and nothing else of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.month.move_id
        cls.invoice.action_post()
        cls.invoice.message_subscribe(cls.patient.ids)
        cls.other = cls.make_ready_patient(name="Bea Other", ccm_mrn="MRN-2")
        cls.owner = cls.make_portal_user("ccm_portal_owner", cls.patient)
        cls.neighbor = cls.make_portal_user("ccm_portal_other", cls.other)

    @classmethod
    def make_portal_user(cls, login, partner):
        return new_test_user(
            cls.env, login, groups="base.group_portal", password=login, partner_id=partner.id
        )

    def test_each_sees_the_own_invoices_only(self):
        moves = self.env["account.move"]
        self.assertEqual(moves.with_user(self.owner).search([]), self.invoice)
        self.assertFalse(moves.with_user(self.neighbor).search([]))
        with self.assertRaises(AccessError):
            self.invoice.with_user(self.neighbor).read(["name"])
        with self.assertRaises(AccessError):
            self.invoice.with_user(self.owner).read(["ccm_diagnosis_ids"])

    def test_neither_reads_any_record_of_care_not_even_the_own(self):
        names = [n for n in self.env if n.startswith("ccm.") and not self.env[n]._abstract]
        for name in names:
            with self.subTest(model=name):
                self.assertFalse(self.env[name].with_user(self.owner).has_access("read"))
        clinical = [n for n in self.env["res.partner"]._fields if n.startswith("ccm_")]
        for name in clinical:
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.patient.with_user(self.owner).read([name])
        with self.assertRaises(AccessError):
            self.env["mail.activity"].with_user(self.owner).search([])
        with self.assertRaises(AccessError):
            self.patient.with_user(self.neighbor).read(["name"])

    def test_the_pages_of_one_tell_nothing_of_the_other(self):
        for login, status in (("ccm_portal_owner", 200), ("ccm_portal_other", 303)):
            self.authenticate(login, login)
            url = f"/my/invoices/{self.invoice.id}?report_type=html"
            page = self.url_open(url, allow_redirects=False)
            with self.subTest(login=login):
                self.assertEqual(page.status_code, status)
                self.assertEqual(self.invoice.name in page.text, status == 200)
                self.assertNotIn("Bea Other", page.text if status == 200 else "")
        self.authenticate("ccm_portal_other", "ccm_portal_other")
        self.assertNotIn(self.invoice.name, self.url_open("/my/invoices").text)
        for url in (f"/web/content/{self.file.id}", f"/ccm/close/{self.close.id}/workbook"):
            with self.subTest(url=url):
                response = self.url_open(url, allow_redirects=False)
                self.assertNotEqual(response.status_code, 200)
                self.assertNotIn("diabetes", response.text)
