from io import BytesIO

from odoo import api, models
from odoo.exceptions import UserError

from .base import SHOWN
from .ccm_month_packet import PACKET


class IrActionsReport(models.Model):
    """Whoever prints a patient's record is in the access log, whichever report it is."""

    _inherit = "ir.actions.report"

    @api.model
    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # a PDF is made of the report's HTML: one print, one row
        shown = self.with_context(ccm_shown=SHOWN)
        result = super(IrActionsReport, shown)._render_qweb_pdf(report_ref, res_ids, data=data)
        self._ccm_log_print(report_ref, res_ids)
        return result

    @api.model
    def _render_qweb_html(self, report_ref, docids, data=None):
        result = super()._render_qweb_html(report_ref, docids, data=data)
        self._ccm_log_print(report_ref, docids)
        return result

    @api.model
    def _render_qweb_text(self, report_ref, docids, data=None):
        result = super()._render_qweb_text(report_ref, docids, data=data)
        self._ccm_log_print(report_ref, docids)
        return result

    def _ccm_log_print(self, report_ref, docids):
        if not docids or self.env.context.get("ccm_shown") is SHOWN:
            return
        model = self._get_report(report_ref).model
        if model not in self.env:
            return
        records = self.env[model].browse([docids] if isinstance(docids, int) else docids)
        if model == "ccm.close":  # a month on paper names its patients
            records = self.env["ccm.month"].union(*(close._months() for close in records))
        self.env["ccm.access.log"]._log("print", records)

    # === HELPERS === #
    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """An audit packet is made by its month, which stamps the pages and annexes papers."""
        if self._get_report(report_ref).report_name != PACKET:
            try:
                return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
            except UserError:
                # Odoo says that there is no PDF; this says what to do
                self.env["ccm.month"]._check_wkhtmltopdf()
                raise
        return {
            month.id: {"stream": BytesIO(month._make_packet().pdf), "attachment": None}
            for month in self.env["ccm.month"].browse(res_ids)
        }

    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        """The packet's HTML is whole in itself: nothing to wait for, and no script to be run."""
        command = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("ccm_static_html"):
            delay = command.index("--javascript-delay")
            command[delay : delay + 2] = ["--disable-javascript"]
        return command
