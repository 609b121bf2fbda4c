from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Tell the browser whether this person has a timer; it asks for more when it needs it."""
        result = super().session_info()
        user = self.env.user
        result["ccm_timer"] = user._is_internal() and user.has_group("ccm_module.group_ccm_user")
        return result
