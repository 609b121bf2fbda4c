from odoo.http import request, route

from odoo.addons.account.controllers.download_docs import AccountDocumentDownloadController
from odoo.addons.account.controllers.portal import PortalAccount


class CcmAccountDocuments(AccountDocumentDownloadController):
    """Who downloads patients' invoices is in the access log."""

    @route()
    def download_invoice_attachments(self, attachments):
        response = super().download_invoice_attachments(attachments)
        _log_download(request.env["account.move"].browse(attachments.mapped("res_id")))
        return response

    @route()
    def download_invoice_documents_filetype(self, invoices, *args, **kwargs):
        response = super().download_invoice_documents_filetype(invoices, *args, **kwargs)
        _log_download(invoices)
        return response

    @route()
    def download_move_attachments(self, moves):
        response = super().download_move_attachments(moves)
        _log_download(moves)
        return response


class CcmPortalAccount(PortalAccount):
    """So is who looks at one on the portal: the patient, the payer, whoever has the link."""

    @route()
    def portal_my_invoice_detail(self, invoice_id, *args, **kwargs):
        response = super().portal_my_invoice_detail(invoice_id, *args, **kwargs)
        if response.status_code == 200:
            kind = "download" if kwargs.get("report_type") else "open"
            invoice = request.env["account.move"].browse(invoice_id)
            request.env["ccm.access.log"]._log(kind, invoice)
        return response


def _log_download(moves):
    request.env["ccm.access.log"]._log("download", moves)
