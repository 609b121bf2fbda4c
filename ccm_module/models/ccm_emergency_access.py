from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

SHORTEST_REASON = 10


class CcmEmergencyAccess(models.Model):
    """Somebody who is not on a patient's care team opened the record, because care could not wait.

    It ends by itself, stands in the access log, and a manager looks at each: nobody is stopped, and
    nobody is unseen.
    """

    _name = "ccm.emergency.access"
    _description = "Emergency Access"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"

    # === FIELDS === #
    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        "Who",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company",
        "Practice",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    reason = fields.Text(required=True, help="What cannot wait, in a sentence.")
    begun_on = fields.Datetime("From", required=True, readonly=True, default=fields.Datetime.now)
    until = fields.Datetime(
        required=True,
        readonly=True,
        default=lambda self: (
            fields.Datetime.now() + timedelta(hours=self.env.company.ccm_emergency_hours)
        ),
    )
    state = fields.Selection(
        [("new", "To review"), ("justified", "Justified"), ("unjustified", "Not justified")],
        required=True,
        readonly=True,
        default="new",
        index=True,
        tracking=True,
    )
    reviewed_by_id = fields.Many2one("res.users", readonly=True)
    reviewed_on = fields.Datetime(readonly=True)

    # === SQL OBJECTS === #
    _open_idx = models.Index("(partner_id, user_id, until)")
    _has_reason = models.Constraint(
        f"CHECK (length(btrim(reason)) >= {SHORTEST_REASON})",
        "Reason: say in some words what cannot wait.",
    )
    _ends = models.Constraint(
        "CHECK (until > begun_on)", "An emergency access ends after it has begun."
    )

    # === CONSTRAINTS === #
    @api.constrains("reason")
    def _check_reason(self):
        for record in self:
            self._check_words(record.reason)

    def _check_words(self, reason):
        reason = reason or ""
        if len(reason.strip()) < SHORTEST_REASON or len(reason.split()) < 2:
            raise ValidationError(
                self.env._("Reason: say in some words what cannot wait; a manager reads it.")
            )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Oneself, from now, for as long as the practice says: nothing else is the caller's.
            vals_list = [
                {name: vals[name] for name in ("partner_id", "reason") if name in vals}
                for vals in vals_list
            ]
            self = self._ccm_with_own_defaults(self._fields)
            partners = self.env["res.partner"].browse(
                vals["partner_id"] for vals in vals_list if vals.get("partner_id")
            )
            if partners - partners._ccm_hidden():
                raise UserError(
                    self.env._("Patient: this record is open to you already. Go back and open it.")
                )
        # before the database does, whose words name no field
        for vals in vals_list:
            self._check_words(vals.get("reason"))
        records = super().create(vals_list)
        records.partner_id.invalidate_recordset(["ccm_is_hidden"])
        for record in records:
            self.env["ccm.access.log"]._log("emergency", record)
        # not as the caller: whoever made an activity may take it away
        records.with_user(SUPERUSER_ID)._tell_managers()
        return records

    def write(self, vals):
        facts = [name for name in vals if not name.startswith(("message_", "activity_"))]
        if facts and not self.env.su:
            raise AccessError(self.env._("An emergency access is never changed: it is reviewed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An emergency access is never deleted."))

    # === ACTIONS === #
    def action_open_patient(self):
        """Open the patient whom this is about."""
        self.ensure_one()
        return self.partner_id.action_ccm_open()

    def action_justified(self):
        """Record that a manager finds that care could not wait."""
        self._review("justified")

    def action_unjustified(self):
        """Record that a manager finds no reason for it."""
        self._review("unjustified")

    # === HELPERS === #
    def _review(self, state):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("ccm_module.group_ccm_manager"):
            raise AccessError(self.env._("Only a manager reviews an emergency access."))
        # sudo: the rights are checked above, and nobody else writes here
        self.sudo().write(
            {
                "state": state,
                "reviewed_by_id": self.env.uid,
                "reviewed_on": fields.Datetime.now(),
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def _tell_managers(self):
        """Ask the practice's managers to review; without a name, for activities are mailed."""
        managers = self.env.ref("ccm_module.group_ccm_manager").all_user_ids.filtered(
            lambda user: user.active and user._is_internal() and not user._is_superuser()
        )
        for record in self:
            for manager in managers.filtered(lambda u, r=record: r.company_id in u.company_ids):
                record.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Review an emergency access"),
                    user_id=manager.id,
                )
