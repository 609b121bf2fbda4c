"""The seal of what was billed: made after the bill, and whole whatever lawfully comes later."""

import base64
import hashlib
import json
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import seal
from ..models.ccm_seal_rows import TABLES
from .seal_common import SealCase

LATER = "2026-11-05 15:00:00"


@tagged("post_install", "-at_install")
class TestSeal(SealCase):
    # --- made ------------------------------------------------------------------------------------

    def test_each_bill_is_a_link(self):
        links = self.links()
        self.assertEqual(links.mapped("sequence"), [1, 2, 3])
        self.assertEqual(links.decision_id, self.months.decision_ids)
        self.assertEqual(links[0].activity_ids, self.entries[0])
        self.assertEqual(links[0].consent_ids, self.ada.ccm_consent_ids)
        self.assertEqual(links[0].revision_ids, self.entries[0].revision_ids)
        self.assert_whole(3)
        self.assertIn(links[0].hash, links[0].decision_id.seal_words)

    def test_the_close_does_not_seal_but_wakes_the_job(self):
        cron = self.env.ref("ccm_module.ir_cron_seal")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.log(self.ada, "2026-11-06 15:00:00", minutes=25)
        self.run_close("2026-12-05 15:00:00")
        month = self.ada.ccm_month_ids.filtered(lambda m: str(m.month) == "2026-11-01")
        self.assertEqual(month.state, "invoiced")
        self.assertFalse(self.links(("month_id", "=", month.id)))
        self.assertEqual(month.decision_id.seal_words, "Waiting to be sealed")
        self.assertEqual(self.check()["waiting"], 1)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.links(("month_id", "=", month.id)).sequence, 4)
        self.assert_whole(4)

    def test_anybody_can_check_with_the_script_of_the_docstring(self):
        links = [(link.sequence, link.content, link.hash) for link in self.links()]
        before, number = "", 0
        for sequence, content, hash_ in links:
            number += 1
            self.assertEqual(sequence, number)
            wanted = hashlib.sha256((before + content).encode()).hexdigest()
            self.assertEqual(hash_, "$1$" + wanted)
            before = wanted
        self.assertEqual(number, 3)

    def test_no_name_no_words_no_amount(self):
        for link in self.links():
            for hidden in ("Ada", "Bea", "Cleo", "Logged after", "66.13", "E11.9", "Misread"):
                self.assertNotIn(hidden, link.content)
            values = {row["kind"]: row["values"] for row in json.loads(link.content)["rows"]}
            self.assertEqual(values["entry"]["user_id"], self.nurse.id)

    def test_months_billed_before_decisions_were_kept(self):
        """A practice that updates: its old bills are sealed by the first run of the job."""
        self.start_anew(f"DELETE FROM ccm_decision WHERE month_id = {self.months[0].id}")
        self.assertEqual(self.check()["waiting"], 3)
        self.seal()
        old = self.links(("month_id", "=", self.months[0].id))
        self.assertFalse(old.decision_id)
        self.assertEqual(old.activity_ids, self.entries[0])
        self.assert_whole(3)

    def test_each_practice_has_a_chain_of_its_own(self):
        other = self.env["res.company"].create({"name": "Other practice"})
        found = self.env["ccm.seal"]._check_chain(other)
        self.assertEqual((found["ok"], found["links"], found["hash"]), (True, 0, ""))
        self.by_sql(f"UPDATE ccm_activity SET note = 'x' WHERE id = {self.entries[0].id}")
        self.assertTrue(self.env["ccm.seal"]._check_chain(other)["ok"])
        self.assertFalse(self.check()["ok"])

    # --- never changed ---------------------------------------------------------------------------

    def test_nobody_changes_a_link(self):
        link = self.links()[:1]
        with self.refused(UserError, "never changed"):
            link.hash = "$1$0"
        with self.refused(UserError, "never deleted"):
            link.unlink()
        for statement in (
            "UPDATE ccm_seal SET hash = ''",
            f"UPDATE ccm_seal SET partner_id = {self.bea.id}",
            "DELETE FROM ccm_seal",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(f"{statement} WHERE id = {link.id}")

    def test_what_is_sealed_is_not_deleted(self):
        with freeze_time(LATER):
            self.months[0].with_user(self.biller)._undo_bills("Wrong patient")
        for sealed in (self.entries[0], self.entries[0].revision_ids):
            with self.refused_by_database("ccm_seal_rel"):
                sealed.sudo().unlink()

    def test_who_may_look_and_check(self):
        for user in (self.nurse, self.doctor, self.biller, self.outsider):
            with self.refused(AccessError):
                self.env["ccm.seal"].with_user(user).check_chain()
            with self.refused(AccessError):
                self.env["ccm.seal.check"].with_user(user).action_run()
        self.assertTrue(self.env["ccm.seal"].with_user(self.manager).check_chain()["ok"])
        self.assertTrue(self.env["ccm.seal"].with_user(self.auditor).check_chain()["ok"])
        action = self.env["ccm.seal.check"].with_user(self.auditor).action_run()
        found = self.env["ccm.seal.check"].with_user(self.auditor).browse(action["res_id"])
        self.assertEqual((found.is_whole, found.link_count), (True, 3))
        forged = {"is_whole": False, "link_count": 99}
        found = self.env["ccm.seal.check"].with_user(self.auditor).create(forged)
        self.assertEqual((found.is_whole, found.link_count), (True, 3))

    def test_on_paper(self):
        self.by_sql(f"UPDATE ccm_activity SET note = 'x' WHERE id = {self.entries[1].id}")
        check = self.env["ccm.seal.check"].with_user(self.manager).create({})
        self.assertEqual(check.broken_id.sequence, 2)
        report = self.env.ref("ccm_module.ccm_seal_report")
        page, _kind = report._render_qweb_html(report.report_name, check.ids)
        page = page.decode()
        self.assertIn("The seal is broken", page)
        self.assertIn(f"Link 2: Care Activity {self.entries[1].id} was changed", page)
        self.assertIn(self.links()[0].hash, page)

    # --- whatever lawfully comes later -----------------------------------------------------------

    def test_late_time(self):
        with freeze_time(LATER):
            self.log(self.ada, "2026-10-20 15:00:00", minutes=30)
            self.assertFalse(self.seal())
        self.assert_whole(3)

    def test_a_correction_is_a_difference_and_a_new_link(self):
        entry = self.entries[0]
        with freeze_time(LATER):
            self.correct(entry, start="2026-10-05 14:02:00", note="Spoke with the daughter")
            self.assert_whole(3)
            self.correct(entry, start="2026-10-05 14:03:00")
            self.correct(entry, user_id=self.doctor.id)
            self.assert_whole(3)
            later = self.seal()
        self.assertEqual(set(later.mapped("kind")), {"later"})
        self.assertEqual(later.partner_id, self.ada)
        self.assertEqual(later.revision_ids, entry.revision_ids - self.links()[0].revision_ids)
        self.assert_whole(3 + len(later))
        self.assertFalse(self.seal(), "once")

    def test_a_reason_that_a_correction_gives(self):
        """Time by the timer that nobody described: corrected, it is by hand, for a reason."""
        entry = self.entries[1]
        self.start_anew(
            "UPDATE ccm_activity SET source = 'timer', note = NULL, reason = NULL"
            f" WHERE id = {entry.id}"
        )
        self.seal()
        with freeze_time(LATER):
            self.correct(entry, stop="2026-10-05 15:20:00")
            self.assertEqual(entry.reason, "Misread the clock")
            self.assert_whole(3)
            later = self.seal()
        self.assertEqual(set(later.revision_ids.mapped("field_name")), {"stop", "reason"})
        self.assert_whole(4)

    def test_links_of_the_form_before(self):
        """They sealed no reason, and have no form: they are whole, and the chain goes on."""
        self.start_anew()
        model, plain, _words = TABLES["entry"]
        canonical = seal.canonical

        def without_form(value):
            if isinstance(value, dict):
                value = {name: said for name, said in value.items() if name != "form"}
            return canonical(value)

        with (
            patch.dict(TABLES, entry=(model, plain, ("note",))),
            patch.object(seal, "canonical", without_form),
        ):
            self.seal()
        [content] = {tuple(json.loads(link.content)) for link in self.links()}
        self.assertNotIn("form", content)
        self.assert_whole(3)
        self.log(self.ada, "2026-11-06 15:00:00", minutes=25)
        self.run_close("2026-12-05 15:00:00")
        self.assertEqual(json.loads(self.seal().content)["form"], 2)
        self.assert_whole(4)
        with self.rolled_back():
            self.by_sql(f"UPDATE ccm_activity SET note = 'x' WHERE id = {self.entries[2].id}")
            self.assert_broken(3, "changed", "entry", self.entries[2].id, ["note"])

    def test_undone_voided_and_billed_again(self):
        month = self.months[0]
        with freeze_time(LATER):
            month.with_user(self.biller)._undo_bills("Wrong time")
            self.assert_whole(3)
            self.entries[0].with_user(self.manager)._void("Not this patient")
            self.assert_whole(3)
            self.log(self.ada, "2026-10-21 15:00:00", minutes=41)
            month.action_refresh()
            month.with_user(self.biller).action_invoice()
            self.assertEqual(self.check()["waiting"], 1)
            made = self.seal()
        self.assertEqual(made.mapped("kind"), ["bill", "later"])
        self.assertEqual(made[0].month_id, month)
        self.assert_whole(5)

    def test_credited_and_billed_again_by_one_button(self):
        month = self.months[0]
        with freeze_time(LATER):
            self.log(self.ada, "2026-10-21 15:00:00", minutes=30)
            month.with_user(self.biller).action_rebill()
            made = self.seal()
        self.assertEqual(made.kind, "bill")
        self.assertEqual(len(self.links(("month_id", "=", month.id))), 2)
        self.assertEqual(len(made.activity_ids), 2)
        self.assert_whole(4)

    def test_a_deleted_draft_invoice(self):
        with freeze_time(LATER):
            self.months[0].move_id.unlink()
        self.assert_whole(3)

    def test_a_consent_revoked_and_its_paper_scanned_later(self):
        consent = self.ada.ccm_consent_ids
        with freeze_time(LATER):
            consent.scan = base64.b64encode(b"signed")
            self.assert_whole(3)
            self.assertEqual(self.seal().consent_ids, consent)
            consent.write({"state": "revoked", "revoked_on": "2026-11-05"})
            self.assert_whole(4)
            made = self.seal()
        self.assertEqual((made.kind, made.consent_ids), ("later", consent))
        self.assert_whole(5)
        self.assertFalse(self.seal(), "once")

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)

    def test_two_practitioners_become_one(self):
        twin = self.other_practitioner.create({"name": "Dr. Doe", "is_ccm_practitioner": True})
        self.doctor.partner_id = twin
        self.merge(self.practitioner, twin)
        self.assertEqual(self.ada.ccm_consent_ids.practitioner_id, twin)
        self.assertEqual(self.links()[-1].kind, "merge")
        self.assertFalse(self.links()[-1].partner_id)
        self.assert_whole(4)
        self.merge(twin, self.other_practitioner)
        self.assert_whole(5)
        consent = self.ada.ccm_consent_ids.id
        self.by_sql(f"UPDATE ccm_consent SET practitioner_id = {self.ada.id} WHERE id = {consent}")
        self.assert_broken(1, "changed", "consent", consent, ["practitioner_id"])

    def test_other_contacts_are_no_matter_of_the_seal(self):
        one, other = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        self.merge(one, other)
        self.assert_whole(3)

    def test_two_records_of_a_patient_become_one(self):
        duplicate = self.make_patient(name="Ada again", ccm_mrn="MRN-9")
        self.env["ccm.seal"]._register_merge([self.ada.id], duplicate)
        self.by_sql(
            *(
                f"UPDATE {table} SET partner_id = {duplicate.id} WHERE partner_id = {self.ada.id}"
                for table in ("ccm_seal", "ccm_decision", "ccm_activity", "ccm_consent")
            )
        )
        self.assertEqual((self.links()[-1].kind, self.links()[-1].partner_id), ("merge", duplicate))
        self.assert_whole(4)
