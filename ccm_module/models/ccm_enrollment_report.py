from odoo import api, fields, models
from odoo.tools import SQL

# Ratios and averages of the sums, whatever is grouped: never averages of ratios.
AGGREGATES = {
    "conversion_rate:avg": (
        "100.0 * SUM(%(converted_count)s) / NULLIF(SUM(%(candidate_count)s), 0)",
        ("converted_count", "candidate_count"),
    ),
    "churn_rate:avg": (
        "100.0 * SUM(%(ended_count)s) / NULLIF(SUM(%(active_start)s), 0)",
        ("ended_count", "active_start"),
    ),
    "active_end:avg": (
        "1.0 * SUM(%(active_end)s) / NULLIF(COUNT(DISTINCT date_trunc('month', %(date)s)), 0)",
        ("active_end", "date"),
    ),
}


class CcmEnrollmentReport(models.Model):
    """What happened to enrollments, month by month, up to today.

    A row is a step of an enrollment on its day, or one month in which it was active (on the first
    day of that month). So the counts add up: active at the end of a month is active at its start,
    plus enrolled, minus ended.
    """

    _name = "ccm.enrollment.report"
    _description = "Enrollment by month"
    _auto = False
    _order = "date desc"
    _depends = {
        "ccm.enrollment": [
            "company_id",
            "coordinator_id",
            "date_end",
            "date_start",
            "partner_id",
            "practitioner_id",
            "program_id",
            "reason_id",
            "state",
        ],
        "ccm.enrollment.step": ["enrollment_id", "state", "date", "reason_id"],
        "res.company": ["ccm_tz"],
    }

    # === FIELDS === #

    date = fields.Date(readonly=True)
    enrollment_id = fields.Many2one("ccm.enrollment", readonly=True)
    partner_id = fields.Many2one("res.partner", "Patient", readonly=True)
    program_id = fields.Many2one("ccm.program", readonly=True)
    practitioner_id = fields.Many2one("res.partner", "Billing Practitioner", readonly=True)
    coordinator_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", "Practice", readonly=True)
    reason_id = fields.Many2one("ccm.enrollment.reason", readonly=True)
    candidate_count = fields.Integer("New Candidates", readonly=True)
    contacted_count = fields.Integer(
        "Contacted", readonly=True, help="Got further than candidate for the first time."
    )
    enrolled_count = fields.Integer("Enrolled", readonly=True, help="Care began.")
    declined_count = fields.Integer("Declined", readonly=True)
    ended_count = fields.Integer("Ended", readonly=True, help="The last day of care was reached.")
    converted_count = fields.Integer(
        "Candidates Since Enrolled",
        readonly=True,
        help="Of the new candidates of the month, those who have been enrolled by now.",
    )
    active_start = fields.Integer("Active at Start", readonly=True)
    active_end = fields.Float(
        "Active at End",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="On the last day of the month, or today. Over several months: their average.",
    )
    conversion_rate = fields.Float(
        "Conversion (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Of the patients who became candidates in the month, the share enrolled by now.",
    )
    churn_rate = fields.Float(
        "Churn (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Enrollments that ended in the month, of those active at its start. Over several"
        " months: a month's average.",
    )

    # === SQL OBJECTS === #

    @property
    def _table_query(self):
        # each practice has its own today; the rule keeps the rows to these practices as well
        today = SQL(", ").join(
            SQL("(%s, %s::date)", company.id, company._ccm_today())
            for company in self.env.companies
        )
        return SQL(
            """
            WITH practice (company_id, today) AS (VALUES %s),
            -- care as it was: begun, and over only once its last day has passed
            care AS (
                SELECT e.id, p.today, e.reason_id, e.date_start AS began,
                       CASE WHEN e.state = 'ended' OR e.date_end < p.today
                            THEN e.date_end END AS ended
                  FROM ccm_enrollment e
                  JOIN practice p USING (company_id)
                 WHERE e.state IN ('active', 'ended') AND e.date_start <= p.today
            ),
            event (enrollment_id, date, kind, reason_id) AS (
                SELECT enrollment_id, MIN(date), 'candidate', NULL::int
                  FROM ccm_enrollment_step WHERE state = 'candidate' GROUP BY enrollment_id
                UNION ALL
                SELECT enrollment_id, MIN(date), 'contacted', NULL
                  FROM (SELECT enrollment_id, date FROM ccm_enrollment_step
                         WHERE state IN ('contacted', 'considering')
                        UNION ALL SELECT id, began FROM care) AS reached
                 GROUP BY enrollment_id
                UNION ALL
                SELECT enrollment_id, date, 'declined', reason_id
                  FROM ccm_enrollment_step WHERE state = 'declined'
                UNION ALL
                SELECT id, began, 'enrolled', NULL FROM care
                UNION ALL
                SELECT id, ended, 'ended', reason_id FROM care WHERE ended IS NOT NULL
                UNION ALL
                SELECT id, month::date, 'month', NULL
                  FROM care,
                       generate_series(date_trunc('month', began),
                                       date_trunc('month', COALESCE(ended, today)),
                                       '1 month') AS month
            )
            SELECT ROW_NUMBER() OVER (ORDER BY ev.enrollment_id, ev.date, ev.kind) AS id,
                   ev.date, ev.enrollment_id, ev.reason_id,
                   e.partner_id, e.program_id, e.practitioner_id, e.coordinator_id, e.company_id,
                   (ev.kind = 'candidate')::int AS candidate_count,
                   (ev.kind = 'contacted')::int AS contacted_count,
                   (ev.kind = 'enrolled')::int AS enrolled_count,
                   (ev.kind = 'declined')::int AS declined_count,
                   (ev.kind = 'ended')::int AS ended_count,
                   (ev.kind = 'candidate' AND care.id IS NOT NULL)::int AS converted_count,
                   (ev.kind = 'month' AND care.began < ev.date)::int AS active_start,
                   (ev.kind = 'month' AND (care.ended IS NULL
                        OR care.ended >= ev.date + INTERVAL '1 month'))::int AS active_end,
                   0.0 AS conversion_rate,
                   0.0 AS churn_rate
              FROM event ev
              JOIN ccm_enrollment e ON e.id = ev.enrollment_id
              LEFT JOIN care ON care.id = ev.enrollment_id
            """,
            today,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in AGGREGATES:
            return super()._read_group_select(aggregate_spec, query)
        expression, names = AGGREGATES[aggregate_spec]
        columns = {name: self._field_to_sql(self._table, name, query) for name in names}
        return SQL(expression, **columns)
