from odoo import models

from ..models.res_partner_contact import PRIVATE_POST


class MailActivitySchedule(models.TransientModel):
    _inherit = "mail.activity.schedule"

    def action_schedule_plan(self):
        """Note a plan of care activities on the enrollment, and not on the contact."""
        if self.plan_id.sudo().template_ids.activity_type_id.filtered("ccm_private"):
            self = self.with_context(ccm_private_post=PRIVATE_POST)
        return super().action_schedule_plan()
