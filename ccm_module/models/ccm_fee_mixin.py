from odoo import api, models


class CcmFeeMixin(models.AbstractModel):
    """Figures that fees are worked out from: few, read often, and so cached by day of service."""

    _name = "ccm.fee.mixin"
    _description = "Figures That Fees Are Cached From"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
