"""What the outcome of a call does beyond the entry: the planned call is done, or put off."""

from odoo import api, models

REACHED = ("reached", "refused")
TRY_AGAIN = ("no_answer", "left_message")


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._plan_calls()
        return records

    def write(self, vals):
        before = {record: record._said_outcome() for record in self}
        result = super().write(vals)
        self.filtered(lambda r: r._said_outcome() != before[r])._plan_calls()
        return result

    # === HELPERS === #
    def _said_outcome(self):
        """Return how the attempt ended, once that is said for good: a draft plans nothing."""
        self.ensure_one()
        return self.state == "done" and not self.to_describe and self.outcome

    def _plan_calls(self):
        """Bring the patients' planned calls up to date with the outcomes of today's entries.

        Reached: the calls that were due are done. Nobody there: the next working day is proposed,
        unless a later call is planned or the person has chosen (context ``ccm_call_chosen``).
        """
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return
        today = self.filtered(
            lambda r: (
                r._said_outcome() and r._local_time(r.start)[:10] == str(r.company_id._ccm_today())
            )
        )
        today.filtered(lambda r: r.outcome in REACHED).partner_id._ccm_finish_calls()
        if not self.env.context.get("ccm_call_chosen"):
            missed = today.filtered(lambda r: r.outcome in TRY_AGAIN)
            missed.partner_id._ccm_put_off_calls()
