from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .res_partner import CLINICAL

# What ties an invoice to the month it bills, and the facts of the claim, which a credit note repeats.
LINK_FIELDS = {"ccm_month_id", "ccm_is_released"}
CLAIM_FIELDS = {
    "ccm_patient_id",
    "ccm_practitioner_id",
    "ccm_service_date",
    "ccm_place_of_service",
    "ccm_diagnosis_ids",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    # === FIELDS === #
    # Health data: an accountant without a Chronic Care role sees the invoice without it.
    ccm_month_id = fields.Many2one(
        "ccm.month",
        string="CCM Month",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=CLINICAL,
    )
    ccm_is_released = fields.Boolean(
        copy=False, readonly=True, help="A credit note undid this invoice whole.", groups=CLINICAL
    )
    ccm_patient_id = fields.Many2one(
        "res.partner", string="Patient", copy=False, readonly=True, groups=CLINICAL
    )
    ccm_birthdate = fields.Date(
        related="ccm_patient_id.ccm_birthdate", string="Date of Birth", groups=CLINICAL
    )
    ccm_mbi = fields.Char(
        related="ccm_patient_id.ccm_mbi", string="Medicare Number", groups=CLINICAL
    )
    ccm_practitioner_id = fields.Many2one(
        "res.partner", string="Rendering Practitioner", copy=False, readonly=True, groups=CLINICAL
    )
    ccm_practitioner_npi = fields.Char(
        related="ccm_practitioner_id.npi", string="Rendering NPI", groups=CLINICAL
    )
    ccm_practice_npi = fields.Char(
        related="company_id.ccm_npi", string="Practice NPI", groups=CLINICAL
    )
    ccm_service_date = fields.Date(
        string="Date of Service", copy=False, readonly=True, groups=CLINICAL
    )
    ccm_place_of_service = fields.Char(
        string="Place of Service", copy=False, readonly=True, groups=CLINICAL
    )
    ccm_diagnosis_ids = fields.Many2many(
        "ccm.diagnosis", string="Diagnoses", copy=False, readonly=True, groups=CLINICAL
    )
    # By the month they bill: whichever way the one was undone and the other made.
    ccm_replaces_id = fields.Many2one(
        "account.move",
        "Replaces",
        compute="_compute_ccm_replaced",
        compute_sudo=True,
        help="The undone invoice of the same patient's month.",
    )
    ccm_replaced_by_id = fields.Many2one(
        "account.move",
        "Replaced By",
        compute="_compute_ccm_replaced",
        compute_sudo=True,
        help="The later invoice of the same patient's month.",
    )

    # === SQL OBJECTS === #
    # However an invoice comes about, no patient-month has two that are alive.
    _ccm_month_once = models.UniqueIndex(
        "(ccm_month_id) WHERE ccm_month_id IS NOT NULL AND move_type = 'out_invoice' "
        "AND state <> 'cancel' AND ccm_is_released IS NOT TRUE",
        "This patient's month is invoiced already.",
    )

    # === COMPUTE === #
    @api.depends("state", "ccm_is_released", "ccm_month_id.move_ids.state")
    def _compute_ccm_replaced(self):
        for move in self:
            bills = move.ccm_month_id.move_ids.filtered(lambda m: m.move_type == "out_invoice")
            bills = bills.sorted("id")
            earlier = bills.filtered(lambda m, move=move: m.id < move._origin.id)
            later = bills.filtered(lambda m, move=move: m.id > move._origin.id)
            last = earlier[-1:]
            is_bill = move.move_type == "out_invoice"
            move.ccm_replaces_id = is_bill and last._ccm_is_dead() and last
            move.ccm_replaced_by_id = is_bill and move._ccm_is_dead() and later[:1]

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ccm_check_vals(vals)
        model = self._ccm_with_own_defaults(LINK_FIELDS | CLAIM_FIELDS)
        return super(AccountMove, model).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._ccm_check_vals(vals)
        if "state" not in vals:
            return super().write(vals)
        before = {move.id: move.state for move in self}
        result = super().write(vals)
        for move in self.filtered(lambda m: m.state != before[m.id]):
            move._ccm_after_state(before[move.id])
        return result

    def unlink(self):
        billed = self.sudo().ccm_month_id.filtered(lambda m: m.move_id in self)
        billed._release(self.env._("was deleted"))
        return super().unlink()

    # === ACTIONS === #
    def action_view_ccm_month(self):
        """Open the patient's month that this invoice bills."""
        self.ensure_one()
        self.check_access("read")
        self.ccm_month_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "ccm.month",
            "res_id": self.ccm_month_id.id,
            "view_mode": "form",
            "name": self.env._("CCM Month"),
        }

    # === HELPERS === #
    def _get_move_display_name(self, show_ref=False):
        # Odoo names a bill by its amount if it is asked to, also where it is a link on a record of
        # somebody who may not read bills.
        if not self.sudo(False).browse().has_access("read"):
            self = self.with_context(name_as_amount_total=False)
        return super()._get_move_display_name(show_ref)

    def _ccm_check_vals(self, vals):
        """Only a patient's month says what it is billed with."""
        if not self.env.su and (LINK_FIELDS | CLAIM_FIELDS) & vals.keys():
            raise AccessError(
                self.env._(
                    "What an invoice bills of Chronic Care follows from the patient's month."
                )
            )

    def _fetch_duplicate_reference(self, matching_states=("draft", "posted")):
        """Two patients' months are no duplicates, though payer, day and amount are often the same.

        Odoo's banner offers to delete all duplicates: that would be the other patients' bills. That
        no month has two is the database's to see to.
        """
        bills = self.filtered(lambda move: move._origin.sudo().ccm_month_id)
        found = super(AccountMove, self - bills)._fetch_duplicate_reference(matching_states)
        return {
            move: others.filtered(lambda other: not other.sudo().ccm_month_id)
            for move, others in found.items()
        }

    def _reverse_moves(self, default_values_list=None, cancel=False):
        credits = super()._reverse_moves(default_values_list, cancel)
        for credit in credits.sudo().filtered("reversed_entry_id.ccm_patient_id"):
            original = credit.reversed_entry_id
            credit.write(
                {
                    name: self._fields[name].convert_to_write(original[name], original)
                    for name in CLAIM_FIELDS
                }
            )
        return credits

    def _ccm_after_state(self, before):
        """Free the patient's month when its invoice is undone; take it back when that is undone."""
        self.ensure_one()
        # sudo: whoever undoes an invoice frees its month, also without a Chronic Care role
        move = self.sudo()
        month, original = move.ccm_month_id, move.reversed_entry_id
        if month and move.move_type == "out_invoice" and not move.ccm_is_released:
            if move.state == "cancel" and month.move_id == move:
                month._release(self.env._("was cancelled"))
            elif before == "cancel":
                month._claim(move)
        if move.move_type == "out_refund" and original.ccm_month_id:
            original._ccm_after_credit()

    def _ccm_after_credit(self):
        """Free the month once posted credit notes undo its whole invoice; else it is billed."""
        self.ensure_one()
        undone = self._ccm_is_undone()
        if undone and not self.ccm_is_released and self.state == "posted":
            self.ccm_is_released = True
            self.ccm_month_id._release(self.env._("was reversed"))
        elif not undone and self.ccm_is_released:
            self.ccm_month_id._claim(self)
            self.ccm_is_released = False

    def _ccm_is_dead(self):
        """Tell whether this invoice bills nothing any more."""
        return bool(self) and (self.state == "cancel" or self.ccm_is_released)

    def _ccm_undo(self):
        """Undo this invoice whole: cancel a draft, credit what was posted; return the credit note.

        :raises UserError: a credit note exists already, so that another would pay back too much
        """
        self.ensure_one()
        if self.state == "draft":
            self.button_cancel()
            return self.browse()
        begun = self.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        if begun:
            raise UserError(
                self.env._(
                    "%(move)s has the credit note %(credits)s already: post it if it undoes the whole "
                    "invoice, else delete it or finish by hand.",
                    move=self.name,
                    credits=", ".join(begun.mapped("display_name")),
                )
            )
        # Odoo's own dialog says on which dates and in which journal.
        dialog = (
            self.env["account.move.reversal"]
            .with_context(active_model=self._name, active_ids=self.ids)
            .create({"date": self.company_id._ccm_today(), "journal_id": self.journal_id.id})
        )
        return self._reverse_moves([dialog._prepare_default_reversal(self)], cancel=True)

    def _ccm_is_undone(self):
        credits = self.reversal_move_ids.filtered(
            lambda m: (
                m.move_type == "out_refund"
                and m.state == "posted"
                and m.currency_id == self.currency_id
            )
        )
        credited = sum(credits.mapped("amount_total"))
        return bool(credits) and self.currency_id.compare_amounts(credited, self.amount_total) >= 0
