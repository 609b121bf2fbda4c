from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request


class CcmPatient(http.Controller):
    # The address and the file name the patient by number alone: they stay in logs and histories.
    @http.route("/ccm/patient/<int:partner_id>/export", type="http", auth="user", readonly=True)
    def export(self, partner_id):
        """Send all that is held about a patient to a manager; to others it is not there."""
        partner = request.env["res.partner"].browse(partner_id)
        if not partner.exists():
            raise NotFound
        try:
            partner._ccm_check_export()
        except (AccessError, UserError) as error:
            raise NotFound from error
        content = request.env["ccm.patient.export"]._zip(partner)
        request.env["ccm.access.log"]._log("export", partner)
        return request.make_response(
            content,
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(f"patient-{partner.id}.zip")),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
