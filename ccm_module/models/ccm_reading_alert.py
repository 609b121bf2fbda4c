from datetime import UTC, datetime, time, timedelta

from odoo import fields, models

from .ccm_reading_range_mixin import GAIN, IN_RANGE, below

# An older reading that is entered late is history, and not a reason to call today.
ALERT_DAYS = 7


class CcmReading(models.Model):
    """In range or not, and who has to know today."""

    _inherit = "ccm.reading"

    # === HELPERS === #

    def _judge(self):
        """Write how the readings, and later ones that they shed light on, compare to the limits.

        Raises the alerts that are due, and takes back those that a correction made groundless.
        """
        readings = self | self._later_in_window()
        if not readings:
            return
        ranges = self.env["ccm.reading.limit"]._in_force(readings)
        earlier = readings._earlier_in_window(ranges)
        for reading in readings:
            limits = ranges[reading]
            status = limits._judge_value(reading.value, reading.diastolic)
            if status == IN_RANGE and reading._has_gained(limits, earlier):
                status = GAIN
            if reading in self or reading.status != status:
                found = {"status": status, "range_text": limits.range_text}
                reading.sudo().write(found)
        readings._alert()
        readings._withdraw(readings.alert_id)

    def _has_gained(self, limits, earlier):
        """Tell whether one of the limits' gains is reached, in days of the practice's calendar."""
        self.ensure_one()
        today = self._local_date(self.taken_at)
        for gain, days in limits._gain_rules():
            before = [
                other.value
                for other in earlier
                if other.partner_id == self.partner_id
                and other.company_id == self.company_id
                and other.type_id == self.type_id
                and other.taken_at < self.taken_at
                and other._local_date(other.taken_at) >= today - timedelta(days=days)
            ]
            if before and not below(self.value - min(before), gain):
                return True
        return False

    def _earlier_in_window(self, ranges):
        """Return the readings that these may have gained against."""
        watched = self.filtered(lambda reading: ranges[reading]._gain_rules())
        if not watched:
            return self.browse()
        days = max(days for reading in watched for _gain, days in ranges[reading]._gain_rules())
        return self.sudo().search(
            [
                ("partner_id", "in", watched.partner_id.ids),
                ("type_id", "in", watched.type_id.ids),
                ("taken_at", ">=", min(watched.mapped("taken_at")) - timedelta(days=days + 1)),
                ("taken_at", "<", max(watched.mapped("taken_at"))),
            ]
        )

    def _later_in_window(self):
        """Return later readings that may have gained against these, which came in late."""
        ranges = self.env["ccm.reading.limit"]._in_force(self)
        rules = [(r, days) for r in self for _gain, days in ranges[r]._gain_rules()]
        if not rules:
            return self.browse()
        watched = self.browse([reading.id for reading, _days in rules])
        days = max(days for _reading, days in rules)
        return self.search(
            [
                ("partner_id", "in", watched.partner_id.ids),
                ("type_id", "in", watched.type_id.ids),
                ("taken_at", ">", min(watched.mapped("taken_at"))),
                ("taken_at", "<=", max(watched.mapped("taken_at")) + timedelta(days=days + 1)),
            ]
        )

    def _alert(self):
        """Ask who cares for the patient to look today, once for each reading.

        Readings that come while that is still to be done join it: one call answers them all.
        """
        kind = self.env.ref("ccm_module.mail_activity_type_reading")
        for reading in self.filtered(lambda r: r._needs_alert()).sudo():
            alert = reading.partner_id.sudo()._ccm_ask_today(kind, reading.company_id)
            found = {"alert_id": alert.id, "alerted_at": fields.Datetime.now()}
            reading.sudo().write(found)

    def _needs_alert(self):
        self.ensure_one()
        if not self.active or self.alerted_at or self.status in (IN_RANGE, False):
            return False
        oldest = self.company_id._ccm_today() - timedelta(days=ALERT_DAYS)
        return self.taken_at >= self._start_of(oldest)

    def _start_of(self, day):
        midnight = datetime.combine(day, time(), self.company_id._ccm_zone())
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def _withdraw(self, alerts):
        """Take back open alerts none of whose readings is out of range any more."""
        calm = self.sudo().with_context(active_test=False)
        for alert in alerts.sudo().exists().filtered("active"):
            readings = calm.search([("alert_id", "=", alert.id)])
            loud = readings.filtered(lambda r: r.active and r.status != IN_RANGE)
            (readings - loud).write({"alert_id": False, "alerted_at": False})
            if not loud:
                alert.unlink()
