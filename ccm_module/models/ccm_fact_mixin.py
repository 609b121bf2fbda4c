from odoo import api, models


class CcmFactMixin(models.AbstractModel):
    """A record that the decision on a patient's month depends on.

    Any change brings the patient's unbilled months up to date at once, in the same transaction:
    a mended blocker shows as mended, and two people who change the same month meet at its row.
    Bulk loads (as superuser) switch this off with the context key ``ccm_no_refresh`` and refresh once at the end.
    """

    _name = "ccm.fact.mixin"
    _description = "Fact of a patient's month"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._refresh_months()
        return records

    def write(self, vals):
        before = self.partner_id if "partner_id" in vals else self.env["res.partner"]
        result = super().write(vals)
        self._refresh_months(before)
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self.browse()._refresh_months(partners)
        return result

    # === HELPERS === #

    def _refresh_months(self, others=None):
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return
        partners = self.partner_id | (others or self.env["res.partner"])
        self.env["ccm.month"].sudo()._refresh_open(partners)
