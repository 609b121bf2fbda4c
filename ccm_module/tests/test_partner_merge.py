"""Two contacts of one patient become one, by Odoo's own wizard: every record of both is kept."""

from freezegun import freeze_time
from psycopg2 import errors

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CcmCommon

# What is made anew from the rest, and so is not counted.
DERIVED = {"ccm.eligibility", "ccm.month.line", "ccm.month.blocker"}


@tagged("post_install", "-at_install")
class TestPartnerMerge(CcmCommon):
    def merge(self, kept, *others, user=None):
        """Merge as the wizard's button does it."""
        partners = kept.union(*others)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user or self.manager)
        wizard.create(
            {
                "state": "selection",
                "partner_ids": [Command.set(partners.ids)],
                "dst_partner_id": kept.id,
            }
        ).action_merge()
        self.env.invalidate_all()

    def counts(self, *partners):
        """Return how many records there are of these contacts, of each model that has any."""
        ids = [partner.id for partner in partners]
        found = {}
        for name, path in self.env["ccm.patient.data"]._paths().items():
            if path and name not in DERIVED and self.env[name]._auto:
                model = self.env[name].with_context(active_test=False)
                found[name] = model.search_count([(path, "in", ids)])
        for model in ("mail.message", "ir.attachment", "mail.activity"):
            field = "model" if model == "mail.message" else "res_model"
            found[model] = self.env[model].search_count(
                [(field, "=", "res.partner"), ("res_id", "in", ids)]
            )
        return found

    def make_double(self, day="2026-09-01", **vals):
        return self.make_ready_patient(day=day, **{"name": "Ada P.", "ccm_mrn": "MRN-2", **vals})

    @classmethod
    def bill(cls, patient, month, moment):
        with freeze_time(moment):
            found = cls.env["ccm.month"]._refresh(month, patient)
            found.with_user(cls.biller).action_invoice()
            found.move_id.action_post()
        return found

    def make_both(self):
        """Return a patient, and a second contact of the same patient with a record of its own."""
        kept = self.make_ready_patient(day="2026-07-01")
        double = self.make_patient(name="Ada P.", ccm_mrn="MRN-2", ccm_mbi="1EG4TE5MK73")
        with freeze_time("2026-07-02 14:00:00"):
            self.make_condition(double, self.sprain)
            self.make_visit(double, "2026-07-02")
            self.make_plan(double, copy_way=False)
            self.make_approved_plan(double)
            self.env["ccm.reading"].create(
                {
                    "partner_id": double.id,
                    "type_id": self.env["ccm.reading.type"]
                    .search([("code", "=", "weight")], limit=1)
                    .id,
                    "value": 120,
                }
            )
        self.log(kept, "2026-08-03 15:00:00", minutes=25)
        self.log(double, "2026-08-04 15:00:00", minutes=10)
        self.env["ccm.access.log"]._log("print", double)
        double.message_post(body="Called")
        self.env["ir.attachment"].create(
            {"name": "a.txt", "raw": b"a", "res_model": "res.partner", "res_id": double.id}
        )
        return kept, double

    # --- the story ------------------------------------------------------------------------------

    def test_all_of_both_is_kept(self):
        kept, double = self.make_both()
        with freeze_time("2026-08-20 14:00:00"):
            self.env["ccm.month"]._refresh("2026-08-01", kept | double)
        before = self.counts(kept, double)
        gone = double.id
        with freeze_time("2026-08-20 15:00:00"):
            self.merge(kept, double)
        after = self.counts(kept)
        self.assertFalse(double.exists())
        # Odoo's line that says who was merged, and two of what happened to the plans
        before["mail.message"] += 1
        # two months that nobody had billed or decided are one month; the merge is on record
        before["ccm.month"] -= 1
        before["ccm.partner.merge"] += 1
        self.assertEqual(after, before)
        self.assertGreater(sum(1 for count in before.values() if count), 12)
        self.assertEqual(kept.ccm_mbi, "1EG4TE5MK73")
        self.assertEqual(kept.ccm_mrn, "MRN-1", "its own values win")
        month = kept.ccm_month_ids.filtered(lambda m: m.month.month == 8)
        self.assertEqual(month.total_minutes, 35, "decided anew, of the time of both")
        merge = self.env["ccm.partner.merge"].search([("partner_id", "=", kept.id)])
        self.assertEqual((merge.gone_id, merge.user_id), (gone, self.manager))
        self.assertGreater(merge.record_count, 6)

    def test_plans_are_numbered_on_and_one_is_in_force(self):
        kept, double = self.make_both()
        old = kept.ccm_care_plan_ids
        came = double.ccm_care_plan_ids.sorted("version")
        self.assertEqual((old.mapped("version"), came.mapped("version")), ([1], [1, 2]))
        self.merge(kept, double)
        self.assertEqual(came.mapped("version"), [2, 3])
        self.assertEqual(came.partner_id, kept)
        self.assertEqual((old.state, came.mapped("state")), ("superseded", ["draft", "approved"]))
        self.assertIn("merged", came[0].message_ids[0].body)

    def test_a_plain_contact_becomes_the_patient(self):
        contact = self.env["res.partner"].create({"name": "Ada", "phone": "555-0100"})
        patient = self.make_ready_patient(day="2026-09-01")
        before = self.counts(contact, patient)
        self.merge(contact, patient)
        before["mail.message"] += 1
        before["ccm.partner.merge"] += 1
        self.assertEqual(self.counts(contact), before)
        self.assertTrue(contact.is_ccm_patient)
        self.assertEqual(contact.ccm_mrn, "MRN-1")

    def test_billed_months_and_their_proof_move(self):
        kept = self.make_ready_patient(day="2026-09-01")
        double = self.make_double(day="2026-07-01")
        self.log(double, "2026-08-05 15:00:00", minutes=45)
        billed = self.bill(double, "2026-08-01", "2026-09-03 15:00:00")
        self.log(kept, "2026-10-05 15:00:00", minutes=45)
        self.bill(kept, "2026-10-01", "2026-11-03 15:00:00")
        decision = billed.decision_ids
        seals = self.env["ccm.seal"]._seal_batch(self.company)
        self.assertEqual(seals.partner_id, kept | double)
        with freeze_time("2026-11-05 15:00:00"):
            twice = self.named_twice(kept, double)
            self.assertEqual(twice, ["CCM consent", "Enrollment", "Patient's condition"])
            self.end_consents(double)
            self.assertEqual(self.named_twice(kept, double), twice[1:])
            self.end_enrollments(double)
            self.end_conditions(double)
            self.merge(kept, double)
        self.assertEqual(billed.partner_id, kept)
        self.assertEqual(decision.partner_id, kept)
        self.assertEqual(seals.partner_id, kept)
        found = self.env["ccm.seal"]._check_chain(self.company)
        self.assertEqual((found["ok"], found["links"]), (True, 3), found["broken"])
        self.assertEqual(billed.move_id.ccm_patient_id, kept)
        self.assertEqual(billed.state, "invoiced")
        self.assertTrue(all(decision._rerun().values()))
        self.assertEqual(len(kept.ccm_month_ids.filtered("move_id")), 2)

    def named_twice(self, kept, double):
        """Return the kinds that the refused merge names, in its order."""
        with self.refused(UserError, "then merge:") as refusal:
            self.merge(kept, double)
        lines = str(refusal.exception).splitlines()[1:]
        return [line.removeprefix("\N{BULLET} ").partition(":")[0] for line in lines]

    def end_conditions(self, partner):
        partner.ccm_condition_ids.write({"status": "inactive", "end_date": "2026-11-04"})

    def end_consents(self, partner):
        wizard = self.env["ccm.consent.revoke"]
        wizard.create({"consent_id": partner.ccm_consent_ids.id}).action_confirm()

    def end_enrollments(self, partner):
        other = self.env["ccm.enrollment.reason"]._by_code("other")
        self.env["ccm.enrollment.close"].create(
            {
                "enrollment_id": partner.ccm_enrollment_ids.id,
                "state": "ended",
                "reason_id": other.id,
                "date_end": "2026-11-04",
            }
        ).action_confirm()

    # --- refused --------------------------------------------------------------------------------

    def test_one_month_billed_twice(self):
        kept = self.make_ready_patient(day="2026-09-01")
        double = self.make_double()
        for patient, start in ((kept, "2026-10-05 15:00:00"), (double, "2026-10-05 17:00:00")):
            self.log(patient, start, minutes=45)
        self.bill(kept, "2026-10-01", "2026-11-03 15:00:00")
        with self.refused(UserError, "2026-10.*billed"):
            self.merge(kept, double)  # with time of its own in that month
        self.bill(double, "2026-10-01", "2026-11-03 15:00:00")
        with self.refused(UserError, "2026-10.*twice"):
            self.merge(kept, double)
        with self.refused(UserError, "2026-10.*twice"):
            self.merge(double, kept)
        self.assertTrue(double.exists())

    def test_different_people(self):
        kept = self.make_patient(ccm_mbi="1EG4TE5MK73")
        for vals, message in (
            ({"ccm_mbi": "1EG4TE5MK74"}, "Medicare Number"),
            ({"ccm_birthdate": "1951-03-14"}, "Birth Date"),
        ):
            other = self.make_patient(name="Other", **vals)
            with self.refused(UserError, f"{message}.*different people"):
                self.merge(kept, other)

    def test_records_of_different_practices(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        kept = self.make_patient(company_id=self.company.id)
        other = self.make_patient(name="Other")
        self.env["ccm.condition"].create(
            {
                "partner_id": other.id,
                "diagnosis_id": self.diabetes.id,
                "company_id": elsewhere.id,
            }
        )
        with self.refused(UserError, "different practices"):
            self.merge(kept, other)

    def test_a_company_is_no_patient(self):
        company = self.env["res.partner"].create({"name": "Clinic", "is_company": True})
        with self.refused(UserError, "a person"):
            self.merge(company, self.make_patient())

    def test_only_a_manager_moves_a_record_of_care(self):
        kept, other = self.make_patient(), self.make_patient(name="Other")
        contact = self.env["res.partner"].create({"name": "Ada"})
        for user in (self.outsider, self.nurse):
            with self.refused(UserError, "manager"):
                self.merge(kept, other, user=user)
            with self.refused(UserError, "manager"):
                self.merge(contact, kept, user=user)
        self.merge(kept, contact, user=self.outsider)
        self.assertTrue(kept.is_ccm_patient)

    def test_other_contacts_merge_as_ever(self):
        first, second = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        self.merge(first, second, user=self.outsider)
        self.assertFalse(second.exists())

    # --- what is written once -------------------------------------------------------------------

    def test_what_is_written_once_follows_no_other_way(self):
        kept, other = self.make_patient(), self.make_patient(name="Other")
        self.env["ccm.access.log"]._log("print", other)
        for change in (
            "UPDATE ccm_access_log SET partner_id = %s WHERE partner_id = %s",
            "UPDATE ccm_partner_merge SET partner_id = %s WHERE partner_id = %s",
        ):
            if "merge" in change:
                self.merge(other, self.make_patient(name="Third"))
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(errors.RestrictViolation, "never changed"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(change, [kept.id, other.id])

    def test_the_record_of_a_merge_is_read_only(self):
        kept, other = self.make_patient(), self.make_patient(name="Other")
        self.merge(kept, other)
        merge = self.env["ccm.partner.merge"].search([("partner_id", "=", kept.id)])
        merge.with_user(self.manager).read(["gone_id"])
        with self.refused(AccessError):
            merge.with_user(self.nurse).read(["gone_id"])
        with self.refused(UserError, "never changed"):
            merge.gone_id = 1
        # merged once more, what was merged before comes along
        last = self.make_patient(name="Last")
        self.merge(last, kept)
        self.assertEqual(merge.partner_id, last)

    def test_nothing_of_ours_is_silently_deleted_by_the_wizard(self):
        """Odoo deletes rows that a CHECK or UNIQUE constraint on the contact's column keeps back."""
        wizard = self.env["base.partner.merge.automatic.wizard"]
        checked = 0
        for table, column in wizard._get_fk_on("res_partner"):
            if table.startswith("ccm_"):
                checked += 1
                self.assertFalse(
                    wizard._has_check_or_unique_constraint(table, column), f"{table}.{column}"
                )
        self.assertGreater(checked, 15)
