from odoo import api, models
from odoo.exceptions import UserError


class CcmFactMixin(models.AbstractModel):
    """A record that the decision on a patient's month depends on.

    Any change brings the patient's unbilled months up to date at once, in the same transaction:
    a mended blocker shows as mended, and two people who change the same month meet at its row.
    Bulk loads (as superuser) switch this off with the context key ``ccm_no_refresh`` and refresh once at the end.
    """

    _name = "ccm.fact.mixin"
    _description = "Fact of a patient's month"

    # Whether it also decides who could be offered the program: see ccm.eligibility.
    _decides_eligibility = False

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        evidence = self.filtered(lambda record: record._is_evidence())
        billed = evidence._invoiced_months()
        if billed:
            raise UserError(
                self.env._(
                    "%(month)s is invoiced for this patient, and the record is part of its proof:"
                    " it is kept. If it is over, give it an end date or make it inactive instead.",
                    month=self._month_names(billed),
                )
            )

    # === HELPERS === #

    def _is_evidence(self):
        """Tell whether a bill may rest on this record, and not on a mere draft."""
        self.ensure_one()
        return True

    def _invoiced_months(self):
        """Return the months of these patients that are billed, in every practice."""
        # sudo: what is billed is evidence whoever may see the bill
        return (
            self.env["ccm.month"]
            .sudo()
            .search([("partner_id", "in", self.partner_id.ids), ("state", "=", "invoiced")])
        )

    def _refuse_change_billed(self, vals, names):
        """Keep ``names`` as they are on records that a billed month rests on."""
        for record in self:
            changed = record._changed_fields(vals, names)
            billed = record._billed_on() if changed else None
            if billed:
                raise UserError(
                    self.env._(
                        "%(fields)s: %(month)s is invoiced for this patient and rests on it. Ask"
                        " the biller to undo the invoice first.",
                        fields=self._labels(changed),
                        month=self._month_names(billed),
                    )
                )

    def _billed_on(self):
        """Return the invoiced months that rest on this record."""
        self.ensure_one()
        return self._invoiced_months()

    @staticmethod
    def _month_names(billed):
        return ", ".join(sorted(month.strftime("%Y-%m") for month in set(billed.mapped("month"))))

    def _refresh_months(self, others=None):
        if self.env.su and self.env.context.get("ccm_no_refresh"):
            return
        partners = self.partner_id | (others or self.env["res.partner"])
        self.env["ccm.month"].sudo()._refresh_open(partners)
        if self._decides_eligibility:
            self.env["ccm.eligibility"]._refresh(partners)
