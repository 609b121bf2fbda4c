from odoo import fields, models


class CcmCarePlanMedication(models.Model):
    """A medicine as the patient takes it."""

    _name = "ccm.care.plan.medication"
    _inherit = "ccm.care.plan.row.mixin"
    _description = "Care plan medicine"
    _moves_on = ("status",)
    _words = ("name", "dose", "purpose", "status")

    name = fields.Char("Medicine", required=True)
    dose = fields.Char("How It Is Taken", help="As: 500 mg, one tablet with breakfast and supper.")
    purpose = fields.Char("What For", help="In the patient's words, as: blood sugar.")
    prescriber = fields.Char("Prescribed By")
    status = fields.Selection(
        [("active", "Being taken"), ("unsure", "To be checked"), ("stopped", "Stopped")],
        required=True,
        default="active",
    )
