"""Time that comes in, or is corrected, after its month was billed: it changes no bill silently."""

from odoo import fields, models

from .ccm_activity_correction import KEPT_FIELDS


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === FIELDS === #
    is_late = fields.Boolean(
        "Late",
        readonly=True,
        copy=False,
        help="Came in after its month was billed, so it is in no bill: the month shows how it"
        " differs by now.",
    )

    # === HELPERS === #
    @staticmethod
    def _is_correction(vals, why):
        """Tell whether ``vals`` only mend what an entry says, with the reason that is kept."""
        return bool((why or "").strip()) and vals.keys() <= set(KEPT_FIELDS) - {"reason", "state"}

    def _forbid_billed(self, keys, is_correction=False):
        """Lock the months of this time; refuse to touch what is in a bill.

        A correction keeps the old values with who and why, so it is taken even then, and the month
        shows the difference. What came in late is in no bill yet.
        """
        months_ = self.env["ccm.month"].sudo()._lock_patient_months(keys)
        if is_correction:
            return
        billed = self.filtered(lambda record: not record.is_late)._month_keys() & keys
        bound = {key[1:] for key in billed}
        months_.filtered(lambda m: (m.partner_id.id, m.month) in bound)._refuse_billed()

    def _in_bill(self):
        """Tell whether a month that this time is in is billed."""
        keys = {key[1:] for key in self._month_keys()}
        months_ = self.env["ccm.month"].sudo()
        found = months_.search(
            [("partner_id", "in", self.partner_id.ids), ("state", "=", "invoiced")]
        )
        return any((month.partner_id.id, month.month) in keys for month in found)

    def _mark_late(self, locked, before=()):
        """Mark what has come into a billed month by now.

        :param locked: the months of these entries, which nobody else can bill meanwhile
        :param before: the keys of the months they were in before
        """
        billed = {(m.partner_id.id, m.month) for m in locked if m.state == "invoiced"}
        known = {key[1:] for key in before}
        for record in self.sudo():
            touched = {key[1:] for key in record._month_keys()} & billed
            is_late = bool(touched) and (record.is_late or not touched <= known)
            if record.is_late != is_late:
                record.write({"is_late": is_late})
