from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CcmClose(http.Controller):
    # The address names the document by its number alone: it stays in logs and histories.
    @http.route("/ccm/close/<int:close_id>/workbook", type="http", auth="user", readonly=True)
    def workbook(self, close_id):
        """Send the month as a workbook to a biller of its practice; to others it is not there."""
        close = request.env["ccm.close"].browse(close_id)
        if not close.exists():
            raise NotFound
        try:
            content = close._workbook()
        except AccessError as error:
            raise NotFound from error
        request.env["ccm.access.log"]._log("download", close._months())
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(close._workbook_name())),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
