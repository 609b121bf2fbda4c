from odoo import fields, models


class CcmMonthKeep(models.TransientModel):
    _name = "ccm.month.keep"
    _description = "Keep the Bill of a Patient's Month"

    month_ids = fields.Many2many("ccm.month", required=True)
    reason = fields.Char(
        string="Why It Is Kept", required=True, help="Kept on the month and in its history."
    )

    def action_apply(self):
        """Settle the difference: the same is not proposed again, another one is."""
        self.month_ids._check_biller()
        for month in self.month_ids._take_billed():
            month._compare()
            if not month.has_difference:
                continue
            month.write(
                {
                    "difference_kept": {"now": month.difference["now"]},
                    "difference_kept_reason": self.reason,
                }
            )
            month._compare()
            month._message_log(
                body=self.env._("The bill is kept although the record differs: %s", self.reason)
            )
        return {"type": "ir.actions.act_window_close"}
