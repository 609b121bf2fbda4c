from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import ormcache

from ..billing import fees

# CMS status indicators that carry a payment: active, restricted coverage, paid when alone.
PAYABLE_STATUSES = ("A", "R", "T")


class CcmFeeSchedule(models.Model):
    """Medicare's Physician Fee Schedule for a span of days of service: units and dollars a unit.

    Nothing is guessed: a day without a schedule, or a code without payable figures in it, has no
    amount.
    """

    _name = "ccm.fee.schedule"
    _description = "Medicare Fee Schedule"
    _inherit = ["ccm.fee.mixin"]
    _order = "date_from desc"

    # === FIELDS === #

    name = fields.Char(required=True)
    date_from = fields.Date("First Day", required=True)
    date_to = fields.Date("Last Day", help="Empty: until another schedule begins")
    conversion_factor = fields.Float(
        digits=(10, 4), required=True, help="US dollars for one relative value unit"
    )
    conversion_factor_qp = fields.Float(
        "Conversion Factor (QP)",
        digits=(10, 4),
        help="For qualifying participants in an advanced payment model; since 2026 it differs.",
    )
    source = fields.Char(help="Where the figures come from")
    rvu_ids = fields.One2many("ccm.fee.rvu", "schedule_id", "Relative Values")

    # === SQL OBJECTS === #

    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "A fee schedule cannot end before it begins."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (daterange(date_from, date_to, '[]') WITH &&)",
        "Two fee schedules cannot be valid on the same day.",
    )
    _factor_check = models.Constraint(
        "CHECK (conversion_factor > 0 AND COALESCE(conversion_factor_qp, 0) >= 0)",
        "A conversion factor must be above zero.",
    )

    # === HELPERS === #

    @api.model
    def _get_amounts(self, company, codes, date):
        """Return what Medicare allows the company for one unit of each code on a day of service.

        Returns {code: Decimal in US dollars}. A code is absent when it has no payable figure that
        day, and all are when the company's locality has no indices or its conversion factor is not
        known for that day. The company decides locality, place of service and conversion factor.
        """
        figures = self._figures(date)
        gpci = self.env["ccm.locality"]._indices(company.ccm_locality_id.id, date)
        if not figures or not gpci:
            return {}
        rvus, factor, factor_qp = figures
        factor = factor_qp if company.ccm_conversion == "qp" else factor
        if not factor:
            return {}
        facility = company._ccm_is_facility()
        return {
            code: fees.amount(rvus[code], gpci, factor, facility) for code in codes if code in rvus
        }

    @api.model
    def _covers(self, code):
        """Tell whether Medicare's schedule of any year has ``code``."""
        return code in self._known_codes()

    @api.model
    @ormcache()
    def _known_codes(self):
        groups = self.env["ccm.fee.rvu"].sudo()._read_group([], ["code"])
        return frozenset(code for [code] in groups)

    @api.model
    @ormcache("date")
    def _figures(self, date):
        """Return ({code: Rvu}, factor, factor QP) of a day (Decimal; 0: not known), or None."""
        schedule = self.sudo().search_fetch(
            [("date_from", "<=", date), "|", ("date_to", "=", False), ("date_to", ">=", date)],
            ["conversion_factor", "conversion_factor_qp"],
        )
        if not schedule:
            return None
        rvus = (
            self.env["ccm.fee.rvu"]
            .sudo()
            .search_fetch(
                [("schedule_id", "=", schedule.id), ("status", "in", PAYABLE_STATUSES)],
                ["code", "work", "pe_nonfacility", "pe_facility", "malpractice"],
                order="code",
            )
        )
        return (
            {rvu.code: rvu._as_rvu() for rvu in rvus},
            _decimal(schedule.conversion_factor),
            _decimal(schedule.conversion_factor_qp),
        )

    @api.model
    def _load_rvus(self, name, date_from, factor, factor_qp, rows, source):
        """Load relative values that CMS pays from ``date_from`` to the end of that year.

        ``factor``, ``factor_qp``: Decimal dollars per unit, 0 for not known. ``rows``: see
        ``readers.rvu``. The schedule that was valid ends the day before; one that begins on the
        very day is corrected. Returns the counts for the log.
        """
        values = {
            "name": name,
            "date_to": date(date_from.year, 12, 31),
            "conversion_factor": float(factor),
            "conversion_factor_qp": float(factor_qp),
            "source": source,
        }
        schedule = self.search([("date_from", "=", date_from)])
        later = self.search([("date_from", ">", date_from)], order="date_from", limit=1)
        if later and later.date_from <= values["date_to"]:
            values["date_to"] = later.date_from - timedelta(days=1)
        before = self.search([("date_from", "<", date_from)], limit=1)
        counts = {"rows": len(rows), "added": 0, "changed": 0, "ended": 0}
        if before and (not before.date_to or before.date_to >= date_from):
            before.date_to = date_from - timedelta(days=1)
            counts["ended"] = 1
        self.flush_model()  # or PostgreSQL would see two schedules on one day
        if schedule:
            schedule.write(values)
        else:
            schedule = self.create({"date_from": date_from, **values})
        return {**counts, **schedule._set_rvus(rows)}

    def _set_rvus(self, rows):
        """Write or add the figures of each row; return how many were added and changed."""
        self.ensure_one()
        known = {rvu.code: rvu for rvu in self.rvu_ids}
        added, changed = [], 0
        for code, status, work, pe_nonfacility, pe_facility, malpractice in rows:
            values = {
                "status": status,
                "work": float(work),
                "pe_nonfacility": float(pe_nonfacility),
                "pe_facility": float(pe_facility),
                "malpractice": float(malpractice),
            }
            if code not in known:
                added.append({"schedule_id": self.id, "code": code, **values})
            elif any(known[code][field] != value for field, value in values.items()):
                known[code].write(values)
                changed += 1
        self.env["ccm.fee.rvu"].create(added)
        return {"added": len(added), "changed": changed}


def _decimal(number):
    """Return a figure of four decimals as it is printed: floats do not hold it exactly."""
    return Decimal(str(round(number or 0.0, 4)))
