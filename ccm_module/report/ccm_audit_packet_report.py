from odoo import api, models

from .audit_packet_facts import AuditPacketFacts


class AuditPacketReport(models.AbstractModel):
    """However the packet is rendered, it is rendered through here, for whom it is meant."""

    _name = "report.ccm_module.report_ccm_audit_packet"
    _description = "Audit Packet"

    @api.model
    def _get_report_values(self, docids, data=None):
        months = self.env["ccm.month"].browse(docids)
        months._check_packet()
        return {
            "doc_ids": months.ids,
            "doc_model": months._name,
            "docs": months,
            "packets": [AuditPacketFacts(month) for month in months.sudo()],
        }
