from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MailActivityPlanTemplate(models.Model):
    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[("ccm_coordinator", "Care coordinator")],
        ondelete={"ccm_coordinator": "cascade"},
    )

    @api.constrains("plan_id", "responsible_type")
    def _check_responsible_ccm(self):
        for template in self:
            if (
                template.responsible_type == "ccm_coordinator"
                and template.plan_id.res_model != "res.partner"
            ):
                raise ValidationError(
                    self.env._("Assignment: only a plan for contacts can go to a care coordinator.")
                )

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if self.responsible_type != "ccm_coordinator":
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        # sudo: that somebody looks after the patient is in the record of care
        coordinator = applied_on_record.sudo().ccm_coordinator_id
        return {
            "responsible": coordinator or on_demand_responsible or self.env.user,
            "error": False,
            "warning": False
            if coordinator
            else self.env._(
                "%s has no care coordinator: you are assigned.", applied_on_record.display_name
            ),
        }
