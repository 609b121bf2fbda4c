"""Tells the demo practice's stories to the database, as if they had been entered day by day."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from . import texts
from .agenda import Agenda
from .stories import OTHER_CARE, STORIES

TOLD = ("told_available", "told_cost_sharing", "told_one_practitioner", "told_may_stop")


class CcmDemo(models.AbstractModel):
    """Loader of the dated part of the demo data; the rest is in XML."""

    _name = "ccm.demo"
    _description = "Loader of Demo Data"

    @api.model
    def _load(self):
        """Record three months of care up to today, and bill the first two; once only."""
        quiet = {
            "ccm_no_refresh": True,
            "tracking_disable": True,
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
        }
        company = self.env.ref("base.main_company")
        loader = self.sudo().with_company(company).with_context(**quiet)
        patients = loader._ref("patient", *(story.patient for story in STORIES))
        if patients.ccm_enrollment_ids:
            return
        loader._quieten_odoobot()
        agenda = Agenda(fields.Datetime.now(), company._ccm_zone())
        loader._make_missing_fees(agenda)
        for story in STORIES:
            loader._record_story(story, agenda)
        loader._record_other_care(agenda)
        loader._record_readings(agenda)
        loader._log_time(agenda)
        loader._plan_calls(agenda)
        loader._bill(agenda)
        loader._audit(agenda)
        loader.env["ccm.eligibility"]._refresh(patients)

    # === HELPERS === #

    def _ref(self, kind, *names):
        """Return the partners (or users) of the demo by the ends of their XML ids."""
        model = "res.users" if kind == "user" else "res.partner"
        ids = [self.env.ref(f"ccm_module.demo_{kind}_{name}").id for name in names]
        return self.env[model].browse(ids)

    def _practitioner(self, name):
        return self._ref("user", name).partner_id

    def _quieten_odoobot(self):
        """Keep its lesson on chatting away from who comes to see the practice."""
        users = self._ref("user", "hartwell", "ibarra", "okafor", "brandt", "raman", "schaefer")
        if "odoobot_state" in users._fields:  # of mail_bot, which Odoo installs by itself
            users.odoobot_state = "disabled"

    def _make_missing_fees(self, agenda):
        """Let the newest fees stand in for a year that the addon has none for yet, and say so."""
        schedules = self.env["ccm.fee.schedule"]
        newest = schedules.search([], limit=1)
        for year in range(newest.date_to.year + 1, agenda.today.year + 1):
            schedule = newest.copy(
                {
                    "name": f"Demo figures for {year}: those of {newest.date_to.year}, unchanged",
                    "date_from": f"{year}-01-01",
                    "date_to": f"{year}-12-31",
                    "source": "Not published figures: load the release of that year in their place",
                }
            )
            for rvu in newest.rvu_ids:
                rvu.copy({"schedule_id": schedule.id})

    # --- the record --------------------------------------------------------------------------------

    def _record_story(self, story, agenda):
        patient = self._ref("patient", story.patient)
        self._record_conditions(story, patient, agenda)
        if story.stage:
            self._record_enrollment(story, patient, agenda)
        self._record_consent(story, patient, agenda)
        self._record_visits(story, patient, agenda)
        if story.start:
            self._record_plans(story, patient, agenda)

    def _record_conditions(self, story, patient, agenda):
        for number, code in enumerate(f"{story.conditions} {story.others}".split()):
            counts = code in story.conditions.split()
            self.env["ccm.condition"].create(
                {
                    "partner_id": patient.id,
                    "diagnosis_id": self.env["ccm.diagnosis"].search([("code", "=", code)]).id,
                    "onset_date": agenda.month(12).replace(year=agenda.today.year - 3 - number),
                    "lasts_12_months": True,
                    "significant_risk": counts,
                }
            )

    def _record_enrollment(self, story, patient, agenda):
        start = story.start and agenda.workday(*story.start)
        reason = self.env["ccm.enrollment.reason"]
        values = {
            "partner_id": patient.id,
            "practitioner_id": self._practitioner(story.practitioner).id,
            "coordinator_id": self._ref("user", story.nurse).id,
        }
        if story.former:
            self.env["ccm.enrollment"].create(
                {
                    **values,
                    "practitioner_id": self._practitioner(story.former).id,
                    "state": "ended",
                    "date_start": agenda.workday(6, 5),
                    "date_end": start - timedelta(days=1),
                    "reason_id": reason._by_code("other").id,
                    "note": "Another practitioner of ours takes over.",
                }
            )
        self.env["ccm.enrollment"].create(
            {
                **values,
                "state": story.stage,
                "state_since": agenda.workday(*(story.asked or story.start)),
                "date_start": start,
                "date_end": story.end and agenda.workday(*story.end),
                "reason_id": reason._by_code(story.reason).id if story.reason else False,
            }
        )

    def _record_consent(self, story, patient, agenda):
        if not story.start and story.consent != "draft":
            return
        begun = story.start and agenda.workday(*((6, 5) if story.former else story.start))
        given_at = begun and agenda.moment(begun, 10, 15)
        named = story.consent if story.consent in ("hartwell", "ibarra") else story.practitioner
        late = timedelta(days=2) if story.consent == "late" else timedelta(minutes=4)
        consent = self.env["ccm.consent"].create(
            {
                "partner_id": patient.id,
                "practitioner_id": self._practitioner(named).id,
                "text_id": self.env["ccm.consent.text"]._text_for(patient).id,
                "given_at": given_at,
                "obtained_by_id": self._ref("user", story.nurse).id,
                "backdated_reason": texts.LATE_CONSENT,
                **dict.fromkeys(TOLD, bool(begun)),
            }
        )
        if not begun:
            consent.backdated_reason = False
            return
        consent.action_give()
        consent.flush_recordset()
        # The record says "now" by itself; here it was made months ago.
        self.env.execute_query(
            SQL(
                """
                UPDATE ccm_consent SET recorded_at = %s, backdated_reason = %s WHERE id = %s
                RETURNING id
                """,
                given_at + late,
                texts.LATE_CONSENT if story.consent == "late" else None,
                consent.id,
            )
        )
        consent.invalidate_recordset()
        self._redate_notes(consent, given_at + late, story)
        if story.revoked:
            day = agenda.workday(*story.revoked)
            consent.write(
                {"state": "revoked", "revoked_on": day, "revoked_reason": "Wants fewer calls."}
            )
            self._redate_notes(consent, agenda.moment(day, 15, 5), story)

    def _redate_notes(self, consent, moment, story):
        nurse = self._ref("user", story.nurse).partner_id
        for record in (consent, consent.partner_id.ccm_enrollment_ids[:1]):
            record.message_ids[:1].write({"date": moment, "author_id": nurse.id})

    def _record_visits(self, story, patient, agenda):
        start = story.start and agenda.workday(*story.start)
        who = self._practitioner(story.practitioner)
        visits = [(agenda.workday(*day), "em_3", False, False, who) for day in story.seen]
        if not start:
            pass
        elif story.visit == "before":
            visits.append((start - timedelta(days=9), "awv", True, False, who))
        elif story.visit == "planning":
            visits.append((start, "em_4", True, True, who))
        if story.former:
            seen = agenda.workday(6, 5) - timedelta(days=9)
            visits.append((seen, "em_4", True, False, self._practitioner(story.former)))
        for day, kind, discussed, planning, practitioner in visits:
            self.env["ccm.visit"].create(
                {
                    "partner_id": patient.id,
                    "practitioner_id": practitioner.id,
                    "date": day,
                    "kind": kind,
                    "ccm_discussed": discussed,
                    "planning_beyond_visit": planning,
                }
            )

    def _record_plans(self, story, patient, agenda):
        begun = agenda.workday(*((6, 5) if story.former else story.start))
        approver = self._ref("user", story.former or story.practitioner)
        days = [begun, agenda.workday(2, 6)] if story.plan == "revised" else [begun]
        templates = self.env["ccm.care.plan.template"]._for_patient(patient)
        for day in days:
            plan = self.env["ccm.care.plan"].create(
                {
                    "partner_id": patient.id,
                    "approver_id": approver.id,
                    "medication_ids": self._medicines(story, approver),
                    "service_ids": [fields.Command.create(texts.SERVICE)],
                    **texts.PLAN,
                }
            )
            plan._fill_from(templates)
            self._move_on(plan, day, agenda.today)
            if story.plan == "draft":
                plan.write({"environment": False, "caregiver": False})
                nurse = self._ref("user", story.nurse)
                plan.with_user(nurse).action_ask_approval()
                continue
            plan.write(
                {
                    "state": "approved",
                    "approved_by_id": approver.id,
                    "approved_on": day,
                    "review_due": plan._review_after(day),
                }
            )
            if story.plan in ("given", "revised"):
                plan.write({"copy_given_on": day, "copy_way": "paper", "copy_recipient": "patient"})

    @staticmethod
    def _move_on(plan, day, today):
        """Let some weeks go by for the goals and interventions of a plan of ``day``."""
        plan.intervention_ids.status = "active"
        for goal in plan.goal_ids:
            reached = texts.REACHED.get(goal.merge_key)
            goal.write(
                {
                    "target_date": day + timedelta(days=180),
                    "status": "progress",
                    "achievement": reached,
                    "achieved_on": reached and min(day + timedelta(days=40), today),
                }
            )

    @staticmethod
    def _medicines(story, prescriber):
        known = {
            texts.medicine(code): None
            for code in f"{story.conditions} {story.others}".split()
            if texts.medicine(code)
        }
        return [
            fields.Command.create(
                {"name": name, "dose": dose, "purpose": purpose, "prescriber": prescriber.name}
            )
            for name, dose, purpose in known
        ]

    def _record_other_care(self, agenda):
        for name, kind, back, first, last in OTHER_CARE:
            values = {
                "partner_id": self._ref("patient", name).id,
                "kind": kind,
                "date_from": agenda.workday(back, first),
                "practitioner_name": "Lower Ferry Clinic",
            }
            if last:
                discharged = agenda.workday(back, last)
                values |= {
                    "date_to": discharged,
                    "practitioner_name": "St. Brendan's Hospital, Lower Ferry",
                    "admitted_at": agenda.moment(values["date_from"], 7, 20),
                    "discharged_at": agenda.moment(discharged, 14, 30),
                }
            self.env["ccm.other.service"].create(values)
