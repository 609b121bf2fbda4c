from odoo import fields, models


class CcmActivityShare(models.TransientModel):
    """One meeting about several patients: the minutes are divided among them."""

    _name = "ccm.activity.share"
    _description = "Log Time for Several Patients"

    partner_ids = fields.Many2many(
        "res.partner", string="Patients", required=True, domain=[("is_ccm_patient", "=", True)]
    )
    type_id = fields.Many2one(
        "ccm.activity.type",
        string="Kind",
        required=True,
        default=lambda self: self.env.ref(
            "ccm_module.ccm_activity_type_coordination", raise_if_not_found=False
        ),
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    reason = fields.Char(string="Why by Hand", required=True)
    note = fields.Text()

    def action_apply(self):
        """Log an equal part of the time for each patient and show the entries."""
        self.ensure_one()
        ids = self.env["ccm.activity"].action_log_shared(
            self.partner_ids.ids, self.start, self.stop, self.type_id.id, self.note, self.reason
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_activity_action")
        return {**action, "domain": [("id", "in", ids)]}
