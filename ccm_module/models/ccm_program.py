from odoo import fields, models


class CcmProgram(models.Model):
    """A care management program: CCM today; room for PCM or APCM beside it."""

    _name = "ccm.program"
    _description = "Care Management Program"
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, copy=False)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex(
        "(code)", lambda env, diag: env._("Code: another program has this code.")
    )
