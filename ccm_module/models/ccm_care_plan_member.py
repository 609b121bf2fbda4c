from odoo import api, fields, models


class CcmCarePlanMember(models.Model):
    """One of the people who look after the patient, inside the practice or out."""

    _name = "ccm.care.plan.member"
    _inherit = "ccm.care.plan.row.mixin"
    _description = "Care team member"
    _words = ("name", "role", "phone")

    contact_id = fields.Many2one(
        "res.partner", help="Brings name and telephone along, as they are now.", ondelete="set null"
    )
    name = fields.Char(required=True)
    role = fields.Char(help="As: heart doctor, daughter, pharmacy.")
    phone = fields.Char("Telephone")

    # === ONCHANGES === #

    @api.onchange("contact_id")
    def _onchange_contact_id(self):
        if self.contact_id:
            self.name = self.contact_id.name
            self.phone = self.contact_id.phone
