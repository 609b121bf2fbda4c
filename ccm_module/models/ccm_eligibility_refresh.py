"""How the rows of ccm.eligibility are decided: facts out of the record, the rule over them."""

from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..billing import eligibility, facts, months
from .ccm_batch import sparing
from .ccm_enrollment import CLOSED, IN_TALKS
from .ccm_wording import as_json

BATCH = 500  # patients of a step of the nightly run: one transaction, a constant number of queries
FRESH = timedelta(hours=20)  # decided since then: today's nightly run has no need to do it again


class CcmEligibility(models.Model):
    _inherit = "ccm.eligibility"

    # === HELPERS === #

    @api.model
    def _refresh(self, partners):
        """Decide anew where ``partners`` stand, in every practice that has a record of them.

        A constant number of queries, whatever the count.
        """
        model = self.sudo().with_context(active_test=False)
        known = model._collect(partners)
        existing = {
            (row.partner_id.id, row.company_id.id): row
            for row in model.search([("partner_id", "in", partners.ids)])
        }
        model._insert(known.keys() - existing.keys())
        rows = model.search([("partner_id", "in", partners.ids)])
        for row in rows:
            values = known.get((row.partner_id.id, row.company_id.id)) or {
                "standing": eligibility.OUT,
                "reasons": {},
            }
            changed = {name: value for name, value in values.items() if row._differs(name, value)}
            if changed:
                row.write(changed)
        rows.write({"decided_on": fields.Datetime.now()})

    def _differs(self, name, value):
        stored = self[name]
        return (stored.id if isinstance(stored, models.BaseModel) else stored) != value

    def _insert(self, keys):
        """Make blank rows; two transactions that need the same one meet here, and one is retried."""
        if not keys:
            return
        partner_ids, company_ids = zip(*sorted(keys), strict=True)
        self.env.cr.execute(
            """
            INSERT INTO ccm_eligibility (partner_id, company_id, active, standing,
                                         create_uid, create_date, write_uid, write_date)
            SELECT patient, company, p.active, %s, %s, now, %s, now
              FROM unnest(%s::int[], %s::int[]) AS row(patient, company)
              JOIN res_partner p ON p.id = patient,
                   (SELECT now() AT TIME ZONE 'UTC' AS now) AS clock
            ON CONFLICT (partner_id, company_id) DO NOTHING
            """,
            (eligibility.OUT, self.env.uid, self.env.uid, list(partner_ids), list(company_ids)),
        )
        # SQL tells the cache nothing, and the rows follow their patient into the archive
        self.env["res.partner"].invalidate_model(["ccm_eligibility_ids"])

    def _collect(self, partners):
        """Return ``{(partner id, company id): values of a row}``."""
        month_model = self.env["ccm.month"]
        of_patient = [("partner_id", "in", partners.ids)]
        partners = partners.sudo().filtered("is_ccm_patient")
        conditions = self._by_patient("ccm.condition", of_patient)
        others = self._by_patient("ccm.other.service", of_patient)
        visits = self._by_patient("ccm.visit", of_patient, order="date desc, id desc")
        enrollments = self._by_patient(
            "ccm.enrollment", [*of_patient, ("program_id.code", "=", "CCM")]
        )
        practices = defaultdict(set)
        for found in (conditions, others, visits, enrollments):
            for partner_id, company in found:
                practices[partner_id].add(company)
        active = defaultdict(set)
        for (partner_id, company), records in enrollments.items():
            if any(record.state == "active" for record in records):
                active[partner_id].add(company)
        today, result = {}, {}
        for partner in partners:
            for company in practices[partner.id] | set(partner.company_id):
                key = (partner.id, company)
                today.setdefault(company, company._ccm_today())
                mine = enrollments.get(key, [])
                values = self._seen_values(visits.get(key), mine)
                closed, closed_on = self._last_no(mine)
                payer = partner.ccm_payer_id
                day = today[company]
                verdict = eligibility.assess(
                    eligibility.Candidate(
                        day=day,
                        facts=facts.MonthFacts(
                            month=months.first_day(day),
                            zone=company._ccm_zone(),
                            conditions=tuple(
                                map(month_model._condition_fact, conditions.get(key, ()))
                            ),
                            others=tuple(map(month_model._other_fact, others.get(key, ()))),
                        ),
                        last_seen=values["last_seen_on"] or None,
                        payer_in_scope=partner._ccm_payer_in_scope(),
                        enrolled=company in active[partner.id],
                        enrolled_elsewhere=bool(active[partner.id] - {company}),
                        in_talks=any(e.state in IN_TALKS for e in mine),
                        closed_on=closed_on,
                        closed_for_good=bool(closed and closed.reason_id.is_final),
                        ask_again_on=closed_on
                        and closed_on + relativedelta(months=company.ccm_ask_again_months),
                    )
                )
                result[partner.id, company.id] = {
                    **values,
                    "standing": verdict.standing,
                    "lacks": verdict.lacks or False,
                    "condition_count": verdict.count,
                    "payer_id": payer.id,
                    "closed_on": closed_on or False,
                    "closed_reason_id": closed.reason_id.id if closed else False,
                    "reasons": {
                        part: [[reason.code, as_json(reason.params)] for reason in reasons]
                        for part, reasons in (
                            ("for", verdict.speaks_for),
                            ("against", verdict.against),
                            ("notes", verdict.notes),
                        )
                    },
                }
        return result

    def _by_patient(self, model, domain, order=None):
        """Return ``{(partner id, company): records, in order}``."""
        grouped = defaultdict(list)
        for record in self.env[model].search(domain, order=order):
            grouped[record.partner_id.id, record.company_id].append(record)
        return grouped

    @staticmethod
    def _seen_values(visits, enrollments):
        """Return when the patient was last seen, and by whom: by a visit, or from the chart."""
        visit = visits and visits[0]
        charted = max(
            (e for e in enrollments if e.last_seen_on), key=lambda e: e.last_seen_on, default=None
        )
        if charted and (not visit or charted.last_seen_on > visit.date):
            return {
                "last_seen_on": charted.last_seen_on,
                "practitioner_id": charted.practitioner_id.id,
            }
        return {
            "last_seen_on": visit.date if visit else False,
            "practitioner_id": visit.practitioner_id.id if visit else False,
        }

    @staticmethod
    def _last_no(enrollments):
        """Return the enrollment that the patient last declined or left, and the day; or nothing."""
        closed = [
            (e.date_end or e.state_since or e.create_date.date(), e.id, e)
            for e in enrollments
            if e.state in CLOSED
        ]
        day, _id, enrollment = max(closed, default=(None, None, None), key=lambda row: row[:2])
        return enrollment, day

    # === CRON === #

    @api.model
    def _cron_refresh(self):
        """Decide all patients anew: a year since the last visit passes without anybody's doing."""
        stale = Domain("decided_on", "=", False) | Domain(
            "decided_on", "<", fields.Datetime.now() - FRESH
        )
        # Those left from a run that was out of time come first in the next one.
        waiting = self.with_context(active_test=False).search(stale, order="decided_on, id")
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(waiting.partner_id) + 1)
        for ids in split_every(BATCH, waiting.partner_id.ids):
            sparing(self.env["res.partner"].browse(ids), self._refresh)
            if not progress(len(ids)):
                return
        progress(remaining=0)

    @api.model
    def _refresh_all(self, domain):
        """Refresh the patients of ``domain`` in batches."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        for ids in split_every(BATCH, partners.search(domain, order="id").ids):
            self._refresh(partners.browse(ids))
