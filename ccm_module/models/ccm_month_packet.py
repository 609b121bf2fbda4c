"""The audit packet of a patient-month: all that proves its bill, on paper."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..report.audit_packet_facts import AuditPacketFacts
from ..report.audit_packet_pages import Stamp, assemble
from ..seal import digest
from .ccm_month import MONEY

PACKET = "ccm_module.report_ccm_audit_packet"


# In its HTML, after all that proves the bill: who looked, which each printing adds to.
LOG = 'name="looks"'


class Packet(NamedTuple):
    pdf: bytes
    pages: int
    proof: str


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === FIELDS === #
    has_packet = fields.Boolean(
        compute="_compute_has_packet", compute_sudo=True, help="This month is, or was, billed."
    )

    # === COMPUTE === #
    @api.depends("move_ids", "decision_ids")
    def _compute_has_packet(self):
        for record in self:
            record.has_packet = bool(record.move_ids or record.decision_ids)

    # === ACTIONS === #
    def action_print_packet(self):
        """Return the audit packet of this month as a PDF."""
        self.ensure_one()
        self._check_packet()
        self._check_wkhtmltopdf()
        report = self.env.ref("ccm_module.ccm_audit_packet_report")
        return report.report_action(self, config=False)

    def action_make_packets(self):
        """Have the packets of these months made in the background, as one ZIP with an index."""
        self._check_packet_reader()
        billed = self.filtered("has_packet")
        billed._check_packet()
        self._check_wkhtmltopdf()
        return self.env["ccm.audit.packet"]._request(billed, left_out=len(self - billed))

    # === HELPERS === #
    def _check_packet_reader(self):
        """Refuse whoever may not see a packet: it holds the whole record of the month, and money."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(MONEY):
            raise AccessError(
                self.env._("Only a biller, a manager or an auditor may have an audit packet.")
            )

    def _check_packet(self):
        self._check_packet_reader()
        if not self or not all(self.mapped("has_packet")):
            raise UserError(
                self.env._("There is nothing to prove yet: this month was never billed.")
            )

    def _check_wkhtmltopdf(self):
        """Say what is missing before anything is begun."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            raise UserError(
                self.env._(
                    "This server cannot make PDFs: the program wkhtmltopdf is not installed. Ask"
                    " whoever looks after the server to install it (0.12.6 or newer) and to restart"
                    " Odoo; then try again. Nothing is lost."
                )
            )

    def _packet_number(self):
        """Return what names the packet, also as a file: no patient, but the record and its month."""
        self.ensure_one()
        return f"CCM-{self.month:%Y-%m}-{self.id:06d}"

    def _make_packet(self, known=None):
        """Return the packet of this month, as the current user may have it.

        :param str known: the ``proof`` of a packet made before; nothing is made where it still is so
        """
        self.ensure_one()
        self._check_wkhtmltopdf()
        report = self.env["ir.actions.report"].with_context(ccm_static_html=True, debug=False)
        html = report._render_qweb_html(PACKET, self.ids)[0].decode()
        proof = digest(html.rpartition(LOG)[0])
        if proof == known:
            return None
        content = report._run_wkhtmltopdf([html], report_ref=PACKET)
        facts = AuditPacketFacts(self.sudo())
        made = assemble(content, facts.annexes.values(), self._packet_stamp(facts))
        return Packet(*made, proof)

    def _packet_stamp(self, facts):
        """Return what each page says: whose record, which month and bill, who printed it when."""
        born = [""]
        if facts.patient.ccm_birthdate:
            born.append(self.env._("born %s", facts.day(facts.patient.ccm_birthdate)))
        if facts.patient.ccm_mrn:
            born.append(self.env._("MRN %s", facts.patient.ccm_mrn))
        what = (self.month_name, facts.bill.name, facts.number)
        return Stamp(
            name=facts.patient.name or "",
            born=" · ".join(born),
            what=" · ".join(part for part in what if part and part != "/"),
            made=self.env._(
                "%(practice)s · audit packet printed %(moment)s by %(user)s",
                practice=facts.company.name,
                moment=facts.moment(fields.Datetime.now()),
                user=self.env.user.name,
            ),
            page=self.env._("Page %(page)s of %(pages)s"),
        )
