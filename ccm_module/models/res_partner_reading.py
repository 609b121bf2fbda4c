from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner import CLINICAL

PLOTTED = 60  # readings of each kind on a patient's form


class ResPartner(models.Model):
    """What is measured of a patient, and who has to know."""

    _inherit = "res.partner"

    # === FIELDS === #
    ccm_reading_ids = fields.One2many("ccm.reading", "partner_id", "Readings", groups=CLINICAL)
    ccm_reading_limit_ids = fields.One2many(
        "ccm.reading.limit", "partner_id", "Limits of Readings", groups=CLINICAL
    )
    ccm_reading_summary = fields.Json(
        "Latest Readings", compute="_compute_ccm_reading_summary", groups=CLINICAL
    )

    # === COMPUTE === #

    @api.depends("ccm_reading_ids.status", "ccm_reading_limit_ids.range_text")
    @api.depends_context("company", "lang")
    def _compute_ccm_reading_summary(self):
        """Compute for each kind measured the latest reading, the limits now, and what to plot.

        ``{"kinds": [{"id", "name", "unit", "latest", "taken_at", "status", "status_name", "range",
        "limits": [numbers], "points": [{"x": UTC, "y": value, "d": diastolic, "out": bool}]}]}``,
        points in the order of time.
        """
        readings = self._ccm_latest_readings()
        ranges = self.env["ccm.reading.limit"]._in_force(readings)
        names = dict(readings._fields["status"]._description_selection(self.env))
        for partner in self:
            mine = readings.filtered(lambda r, who=partner: r.partner_id == who._origin)
            partner.ccm_reading_summary = {
                "kinds": [
                    self._ccm_kind_summary(found, ranges[found[:1]], names)
                    for _kind, found in sorted(
                        mine.grouped("type_id").items(),
                        key=lambda item: (item[0].sequence, item[0].id),
                    )
                ]
            }

    def _ccm_kind_summary(self, readings, limits, names):
        latest, kind = readings[:1], readings.type_id
        bounds = (limits.low, limits.high, limits.diastolic_low, limits.diastolic_high)
        return {
            "id": kind.id,
            "name": kind.name,
            "unit": kind.unit,
            "latest": latest.shown,
            "taken_at": fields.Datetime.to_string(latest.taken_at),
            "status": latest.status,
            "status_name": names.get(latest.status, ""),
            "range": limits.range_text,
            "limits": [bound for bound in bounds if bound],
            "points": [
                {
                    "x": fields.Datetime.to_string(reading.taken_at),
                    "y": reading.value,
                    "d": reading.diastolic if kind.with_diastolic else None,
                    "out": reading.status != "in_range",
                }
                for reading in reversed(readings)
            ],
        }

    def _ccm_latest_readings(self):
        """Return the latest readings of each kind of these patients, newest first, in few queries."""
        model = self.env["ccm.reading"]
        query = model._search(
            [("partner_id", "in", self.ids), ("company_id", "in", self.env.companies.ids)]
        )
        table = SQL.identifier(query.table)
        rank = SQL(
            "row_number() OVER (PARTITION BY %(table)s.partner_id, %(table)s.type_id"
            " ORDER BY %(table)s.taken_at DESC, %(table)s.id DESC)",
            table=table,
        )
        ranked = query.subselect(SQL("%s.id AS id", table), SQL("%s AS rank", rank))
        rows = self.env.execute_query(
            SQL("SELECT id FROM %s AS ranked WHERE rank <= %s", ranked, PLOTTED)
        )
        return model.browse([row[0] for row in rows]).sorted(
            lambda r: (r.taken_at, r.id), reverse=True
        )

    # === HELPERS === #

    def _ccm_responsible(self, company):
        """Return the user to ask about the patient today.

        The coordinator or who covers, else the practitioner, else a manager.
        """
        self.ensure_one()
        enrollment = self.ccm_enrollment_ids.filtered(
            lambda e: e.state == "active" and e.company_id == company
        )[:1]
        cover = self.env["ccm.cover"]
        for away in (enrollment.coordinator_id, *enrollment.practitioner_id.user_ids):
            for user in (cover._in_place_of(away, company), away):
                # anybody else would not be shown the activity
                if user._ccm_cares_in(company):
                    return user
        managers = self.env.ref("ccm_module.group_ccm_manager").all_user_ids.filtered(
            lambda user: user._ccm_cares_in(company)
        )
        # the administrator only where nobody else manages
        admin = self.env.ref("base.user_admin", raise_if_not_found=False)
        return (managers.sorted("id") - (admin or managers.browse()) or managers)[:1]

    def _ccm_ask_today(self, kind, company, note=""):
        """Return an open activity of ``kind`` on the patient for who cares for them, due today.

        One that is still to be done is taken, and ``note`` added to it. Neither may say what was
        found: texts of activities go into logs.
        """
        self.ensure_one()
        user = self._ccm_responsible(company)
        activity = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("activity_type_id", "=", kind.id),
                ("user_id", "=", user.id),
            ],
            order="date_deadline, id",
            limit=1,
        )
        if activity:
            if activity.date_deadline > company._ccm_today():
                activity.date_deadline = company._ccm_today()
            if note:
                activity.note = Markup("%s%s") % (activity.note or "", note)
            return activity
        return self.activity_schedule(
            activity_type_id=kind.id,
            date_deadline=company._ccm_today(),
            user_id=user.id,
            note=note,
        )
