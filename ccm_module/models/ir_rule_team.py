"""Patients restricted to their care team, where the practice says so."""

from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class IrRule(models.Model):
    _inherit = "ir.rule"

    # === HELPERS === #
    @api.model
    def _eval_context(self):
        """Give the rules ``ccm_team``, which their domain calls: see security/ccm_team_rules.xml."""
        return {**super()._eval_context(), "ccm_team": self._ccm_team_domain}

    @api.model
    def _ccm_team_domain(self, patient, company="company_id"):
        """Return the domain of what the current user may see of patients, for a record rule.

        Odoo keeps it for the user and the companies, and asks again when the practice changes its
        setting: where nothing is restricted it costs nothing. Who is on a team is asked each time.

        :param str patient: the path from a record to its patient; the last step is a column
        :param str company: the column of the record's practice
        """
        # A contact is of all practices: one does not open it by leaving its practice unselected.
        companies = self.env.companies if company else self.env.user.sudo().company_ids
        restricted = self.env.user._ccm_restricting_companies(companies)
        if not restricted:
            return Domain.TRUE
        *owners, column = patient.split(".")
        to_sql = _team_to_sql if company else _contact_to_sql
        domain = Domain.custom(
            to_sql=partial(to_sql, column=column, uid=self.env.uid, practices=restricted.ids)
        )
        if company:
            domain |= Domain(company, "not in", restricted.ids)
        for owner in reversed(owners):
            domain = Domain(owner, "any!", domain)
        return domain


def _contact_to_sql(model, alias, query, column, uid, practices):
    """Return the SQL that lets through whom the user may see, and who is no patient of ``practices``."""
    enrollments, plans = (model.env[name]._fields for name in ("ccm.enrollment", "ccm.care.plan"))
    names = ("partner_id", "company_id")
    return SQL(
        """(%(team)s OR NOT EXISTS (
            SELECT FROM ccm_enrollment AS enrollment
             WHERE enrollment.partner_id = %(patient)s AND enrollment.company_id = ANY (%(practices)s)
             UNION ALL
            SELECT FROM ccm_care_plan AS plan
             WHERE plan.partner_id = %(patient)s AND plan.company_id = ANY (%(practices)s)))""",
        team=_team_to_sql(model, alias, query, column, uid, practices),
        patient=model._field_to_sql(alias, column, query),
        practices=practices,
        to_flush=tuple(kept[name] for kept in (enrollments, plans) for name in names),
    )


def _team_to_sql(model, alias, query, column, uid, practices):
    """Return the SQL that lets the patients of ``uid`` through, and those whom nobody looks after.

    :param str column: of the table ``alias``; it holds the patient's id
    :param list practices: ids of the companies whose patients are restricted
    """
    env = model.env
    partner, cover = env["res.partner"]._fields, env["ccm.cover"]._fields
    emergency = env["ccm.emergency.access"]._fields
    return SQL(
        """(
        EXISTS (
            SELECT FROM ccm_patient_team AS team
             WHERE team.partner_id = %(patient)s
               AND team.user_id = ANY (ARRAY(
                        SELECT %(uid)s
                     UNION ALL
                        SELECT user_id FROM ccm_cover
                         WHERE cover_id = %(uid)s AND company_id = ANY (%(practices)s)
                           AND %(today)s BETWEEN date_from AND date_to)))
        OR NOT EXISTS (SELECT FROM ccm_patient_team AS team WHERE team.partner_id = %(patient)s)
        OR EXISTS (
            SELECT FROM ccm_emergency_access AS emergency
             WHERE emergency.partner_id = %(patient)s AND emergency.user_id = %(uid)s
               AND emergency.until > %(now)s)
        )""",
        patient=model._field_to_sql(alias, column, query),
        uid=uid,
        practices=practices,
        today=env.company._ccm_today(),
        now=fields.Datetime.now(),
        to_flush=(
            partner["ccm_team_ids"],
            *(cover[name] for name in ("user_id", "cover_id", "date_from", "date_to")),
            *(emergency[name] for name in ("partner_id", "user_id", "until")),
        ),
    )
