from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CcmCover(models.Model):
    """Somebody is away, and a colleague looks after the patients meanwhile."""

    _name = "ccm.cover"
    _description = "Cover of a Care Coordinator"
    _order = "date_from desc, id desc"

    # === FIELDS === #
    user_id = fields.Many2one(
        "res.users",
        "Away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    cover_id = fields.Many2one(
        "res.users",
        "Covered By",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Sees these patients among the own ones in This Month.",
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._ccm_today()
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: self.env.company._ccm_today(),
        help="The last day away.",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Practice",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    note = fields.Char(help="What the colleague should know; no names of patients.")

    # === SQL OBJECTS === #
    _dates = models.Constraint("CHECK (date_to >= date_from)", "To: enter From or a later day.")
    _two_people = models.Constraint(
        "CHECK (user_id <> cover_id)", "Covered By: choose somebody else than who is away."
    )
    _one_cover = models.Constraint(
        "EXCLUDE USING gist (user_id WITH =, company_id WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "Somebody covers for this person on some of these days already: change From or To.",
    )

    # === COMPUTE === #
    @api.depends("user_id", "cover_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(colleague)s for %(away)s",
                colleague=record.cover_id.name or "",
                away=record.user_id.name or "",
            )

    # === CONSTRAINTS === #
    @api.constrains("cover_id", "company_id")
    def _check_cover(self):
        for record in self:
            if not record.cover_id._ccm_cares_in(record.company_id):
                raise ValidationError(
                    self.env._(
                        "Covered By: %(name)s is not in the care team of this practice.",
                        name=record.cover_id.sudo().name,
                    )
                )

    # === HELPERS === #
    @api.model
    def _covered_by(self, user):
        """Return the users whom ``user`` covers today, in the current companies."""
        # sudo: that a colleague looks after one's patients is no secret to that colleague
        covers = self.sudo().search(
            [
                ("cover_id", "=", user.id),
                ("company_id", "in", self.env.companies.ids),
                ("date_to", ">=", min(c._ccm_today() for c in self.env.companies)),
            ]
        )
        return covers.filtered(
            lambda c: c.date_from <= c.company_id._ccm_today() <= c.date_to
        ).user_id.with_env(self.env)

    @api.model
    def _in_place_of(self, user, company):
        """Return who looks after the patients of ``user`` today: a colleague, or the user."""
        today = company._ccm_today()
        cover = self.sudo().search(
            [
                ("user_id", "=", user.id),
                ("company_id", "=", company.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ],
            limit=1,
        )
        return (cover.cover_id or user).with_env(self.env)
