"""Where each month stands for the care team: stored facts, so that the worklist costs nothing."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..billing import months, worklist
from .ccm_activity import OUTCOMES
from .ccm_month import FIXED_STATES


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    work_state = fields.Selection(
        [
            (worklist.NOT_CONTACTED, "Not contacted"),
            (worklist.SHORT, "Short"),
            (worklist.READY, "Ready"),
            (worklist.BLOCKED, "Blocked"),
            (worklist.DONE, "Done"),
        ],
        "Work",
        readonly=True,
        default=worklist.NOT_CONTACTED,
        group_expand=True,
        help="Blocked: something must be mended before the month can be billed. Not contacted: nobody"
        " has spoken or written with the patient or the caregiver this month; a message left is no"
        " contact. Short: too few minutes for a code. Ready: a code is reached, and more minutes"
        " bring more. Done: nothing more to reach, invoiced, or not to be billed.",
    )
    is_contacted = fields.Boolean(
        "Contacted This Month",
        readonly=True,
        help="An entry of this month says that the patient was reached, or is of a kind that is a"
        " contact and says nothing else.",
    )
    attempt_count = fields.Integer(
        "Attempts", readonly=True, help="How often somebody tried to reach the patient this month."
    )
    last_contact_on = fields.Date(
        "Last Contact", readonly=True, help="Or the last attempt, also of an earlier month."
    )
    last_outcome = fields.Selection(OUTCOMES, readonly=True)
    next_call_on = fields.Date(
        "Next Call",
        readonly=True,
        index="btree_not_null",
        help="When the first call or other activity of the worklist that is open is due.",
    )
    next_call_type_id = fields.Many2one("mail.activity.type", "Kind of Call", readonly=True)
    next_call_decoration = fields.Selection(related="next_call_type_id.decoration_type")
    work_value = fields.Integer(
        readonly=True,
        help="What the next minutes of staff time are worth, on a coarse scale from 0 to 99.",
    )
    work_rank = fields.Integer(
        "Rank",
        readonly=True,
        aggregator=None,
        help="Calls that are due first, then by what the next minutes are worth.",
    )

    # === SQL OBJECTS === #
    # The first page of the worklist: everybody's, and one coordinator's.
    _worklist_index = models.Index("(month, work_rank DESC, next_seconds, id)")
    _my_worklist_index = models.Index("(coordinator_id, month, work_rank DESC, next_seconds, id)")

    # === CRUD === #
    def write(self, vals):
        if vals.get("state") in FIXED_STATES:
            vals = {**vals, "work_state": worklist.DONE, "work_value": 0, "work_rank": 0}
        return super().write(vals)

    # === HELPERS === #
    def _work_values(self, result, contact, call):
        """Return what the decision and the contacts of the month say to the care team.

        :param dict contact: of ``_collect_contacts``
        :param tuple call: of ``_collect_calls``
        """
        self.ensure_one()
        state = worklist.work_state(result, contact["is_contacted"])
        value = worklist.worth(result)
        return {"work_state": state, "work_value": value, **contact} | self._call_values(
            state, value, call
        )

    def _call_values(self, state, value, call):
        day, kind = call
        return {
            "next_call_on": day,
            "next_call_type_id": kind,
            "work_rank": worklist.rank(state, value, day, self._local_today()),
        }

    @api.model
    def _refresh_calls(self, partners):
        """Bring the next call and the rank of the patients' running months up to date."""
        companies = self.env["res.company"].search([("active", "=", True)])
        running = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("month", ">=", min(months.first_day(c._ccm_today()) for c in companies)),
            ]
        )
        calls = running._collect_calls()
        for month in running.with_context(tracking_disable=True):
            month.write(
                month._call_values(month.work_state, month.work_value, calls[month.partner_id.id])
            )

    def _collect_calls(self):
        """Return ``{partner id: (day, activity type id) of the first open call}``; one query."""
        partners = self.partner_id
        self.env["mail.activity"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (a.res_id) a.res_id, a.date_deadline, t.id
                  FROM mail_activity a
                  JOIN mail_activity_type t ON t.id = a.activity_type_id
                 WHERE a.res_model = 'res.partner' AND a.res_id = ANY(%s) AND a.active
                   AND t.ccm_worklist
                 ORDER BY a.res_id, a.date_deadline, t.decoration_type IS NULL, a.id
                """,
                list(partners.ids),
            )
        )
        return dict.fromkeys(partners.ids, (False, False)) | {
            partner: (day, kind) for partner, day, kind in rows
        }

    def _collect_contacts(self):
        """Return ``{month id: what the entries say of contact with the patient}``; one query."""
        self.env["ccm.activity"].flush_model()
        spans = [months.bounds(m.month, m.company_id._ccm_zone()) for m in self]
        rows = self.env.execute_query_dict(
            _contact_query(
                self.ids,
                [m.partner_id.id for m in self],
                [m.company_id.id for m in self],
                *([start for start, _stop in spans], [stop for _start, stop in spans]),
            )
        )
        by_id = {row.pop("id"): row for row in rows}
        for month in self:
            last = by_id[month.id]["last_contact_on"]
            by_id[month.id]["last_contact_on"] = last and months.local_date(
                last, month.company_id._ccm_zone()
            )
        return by_id


def _contact_query(ids, partners, companies, starts, stops):
    """Return the SQL for the attempts of each month, and for the last one up to its end."""
    return SQL(
        """
        SELECT m.id, here.attempt_count, COALESCE(here.is_contacted, FALSE) AS is_contacted,
               EXTRACT(EPOCH FROM last.start)::bigint AS last_contact_on,
               last.outcome AS last_outcome
          FROM unnest(%s::int[], %s::int[], %s::int[], %s::bigint[], %s::bigint[])
               AS span(id, partner, company, start_epoch, stop_epoch),
               LATERAL (SELECT span.*, to_timestamp(start_epoch) AT TIME ZONE 'UTC' AS start,
                               to_timestamp(stop_epoch) AT TIME ZONE 'UTC' AS stop) AS m
          JOIN LATERAL (
            SELECT COUNT(DISTINCT COALESCE(a.session_id, a.id))
                     FILTER (WHERE a.outcome IS NOT NULL OR t.code = 'attempt') AS attempt_count,
                   BOOL_OR(a.outcome IN ('reached', 'refused')
                           OR (a.outcome IS NULL AND t.is_contact)) AS is_contacted
              FROM ccm_activity a
              JOIN ccm_activity_type t ON t.id = a.type_id
             WHERE a.partner_id = m.partner AND a.company_id = m.company AND a.state = 'done'
               AND NOT COALESCE(a.to_describe, FALSE)
               AND a.start >= m.start AND a.start < m.stop
          ) here ON TRUE
          LEFT JOIN LATERAL (
            SELECT a.start, a.outcome
              FROM ccm_activity a
              JOIN ccm_activity_type t ON t.id = a.type_id
             WHERE a.partner_id = m.partner AND a.company_id = m.company AND a.state = 'done'
               AND NOT COALESCE(a.to_describe, FALSE)
               AND a.start < m.stop
               AND (a.outcome IS NOT NULL OR t.is_contact OR t.code = 'attempt')
             ORDER BY a.start DESC
             LIMIT 1
          ) last ON TRUE
        """,
        *(ids, partners, companies, starts, stops),
    )
