from odoo import fields, models


class CcmAuditPacketLine(models.Model):
    """One month of a request for audit packets: made, failed, or still waiting."""

    _name = "ccm.audit.packet.line"
    _description = "Month of Audit Packets"
    _order = "id"
    _rec_name = "month_id"

    packet_id = fields.Many2one(
        "ccm.audit.packet", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="packet_id.company_id", store=True)
    month_id = fields.Many2one(
        "ccm.month", "CCM Month", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        default="waiting",
        readonly=True,
    )
    message = fields.Text("Why Not", readonly=True)
    page_count = fields.Integer("Pages", readonly=True)
    digest = fields.Char("SHA-256", readonly=True, help="Fingerprint of the PDF in the ZIP.")
    proof = fields.Char(readonly=True, help="Fingerprint of what the PDF proves.")
    # Until it is in the ZIP
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")

    _month_once = models.UniqueIndex(
        "(packet_id, month_id)", "This month is in these packets already."
    )
