"""What the outcome of a call does beyond the entry: the planned call is done."""

from odoo import api, models

REACHED = ("reached", "refused")


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.filtered(lambda r: r.outcome in REACHED)._finish_calls()
        return records

    def write(self, vals):
        fresh = self.filtered(lambda r: r.outcome not in REACHED)
        result = super().write(vals)
        if vals.get("outcome") in REACHED:
            fresh._finish_calls()
        return result

    # === HELPERS === #
    def _finish_calls(self):
        """Mark the patients' due calls done, if these are entries of today."""
        if self.env.context.get("ccm_no_refresh"):
            return
        today = self.filtered(
            lambda r: r.company_id and r._local_time(r.start)[:10] == str(r.company_id._ccm_today())
        )
        today.partner_id._ccm_finish_calls()
