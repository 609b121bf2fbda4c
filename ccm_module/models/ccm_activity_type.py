from odoo import fields, models


class CcmActivityType(models.Model):
    _name = "ccm.activity.type"
    _description = "Kind of Care Activity"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stable name for imports and reports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    counts = fields.Boolean(
        string="Counts Toward Minutes",
        default=True,
        help="Off for work Medicare does not pay as care management time: reception, billing, "
        "the time of a separately billed visit. New entries only; earlier ones keep theirs.",
    )
    is_contact = fields.Boolean(
        string="Contact With the Patient",
        help="Somebody spoke or wrote with the patient or the caregiver.",
    )

    _code_unique = models.UniqueIndex(
        "(code)", "There is already a kind of activity with this code."
    )
