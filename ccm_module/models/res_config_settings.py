from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ccm_tz = fields.Selection(related="company_id.ccm_tz", readonly=False)
    ccm_close_day = fields.Integer(related="company_id.ccm_close_day", readonly=False)
    ccm_timer_limit = fields.Integer(related="company_id.ccm_timer_limit", readonly=False)
    ccm_timer_staff = fields.Selection(related="company_id.ccm_timer_staff", readonly=False)
    ccm_timer_practitioner = fields.Selection(
        related="company_id.ccm_timer_practitioner", readonly=False
    )
    ccm_audit_percent = fields.Integer(related="company_id.ccm_audit_percent", readonly=False)
    ccm_audit_least = fields.Integer(related="company_id.ccm_audit_least", readonly=False)
    ccm_visit_day_rule = fields.Selection(related="company_id.ccm_visit_day_rule", readonly=False)
    ccm_restrict_patients = fields.Boolean(
        related="company_id.ccm_restrict_patients", readonly=False
    )
    ccm_emergency_hours = fields.Integer(related="company_id.ccm_emergency_hours", readonly=False)
    ccm_ask_again_months = fields.Integer(related="company_id.ccm_ask_again_months", readonly=False)
    ccm_code_choice = fields.Selection(related="company_id.ccm_code_choice", readonly=False)
    ccm_invoice_state = fields.Selection(related="company_id.ccm_invoice_state", readonly=False)
    ccm_invoice_date = fields.Selection(related="company_id.ccm_invoice_date", readonly=False)
    ccm_journal_id = fields.Many2one(related="company_id.ccm_journal_id", readonly=False)
    ccm_plan_id = fields.Many2one(related="company_id.ccm_plan_id", readonly=False)
    ccm_biller_id = fields.Many2one(related="company_id.ccm_biller_id", readonly=False)
    ccm_place_of_service = fields.Char(related="company_id.ccm_place_of_service", readonly=False)
    ccm_locality_id = fields.Many2one(related="company_id.ccm_locality_id", readonly=False)
    ccm_conversion = fields.Selection(related="company_id.ccm_conversion", readonly=False)
    ccm_npi = fields.Char(related="company_id.ccm_npi", readonly=False)
