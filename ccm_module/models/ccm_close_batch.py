from odoo import fields, models

from .ccm_month import MONEY


class CcmCloseBatch(models.Model):
    """What one batch of a month's close did. Only ever added to, so that batches never collide."""

    _name = "ccm.close.batch"
    _description = "Batch of a Month Close"
    _order = "id"

    close_id = fields.Many2one("ccm.close", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="close_id.company_id", store=True)
    currency_id = fields.Many2one(related="close_id.currency_id")
    run = fields.Integer(required=True)
    done_count = fields.Integer("Billed", required=True)
    failed_count = fields.Integer("Failed", required=True)
    failed_ids = fields.One2many("ccm.month", "failed_batch_id", "Could Not Be Billed")
    amount = fields.Monetary(groups=MONEY)
    begun_on = fields.Datetime(required=True)
    ended_on = fields.Datetime(required=True)
