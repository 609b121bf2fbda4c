from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .ccm_month import MONEY

# How long the files are kept; the document stays, and says what was made for whom.
KEPT_DAYS = 30


class CcmAuditPacket(models.Model):
    """Audit packets of many months, made in the background and handed over as a ZIP.

    Each month is a line of its own, so that what is made stays made whatever stops the work.
    """

    _name = "ccm.audit.packet"
    _description = "Audit Packets"
    _order = "id desc"

    # === FIELDS === #
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    requested_by_id = fields.Many2one("res.users", required=True, readonly=True)
    requested_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Being made"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("stopped", "Stopped"),
        ],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    line_ids = fields.One2many("ccm.audit.packet.line", "packet_id", "Months", readonly=True)
    left_out_count = fields.Integer(
        "Left Out", readonly=True, help="Months that were chosen too, but were never billed."
    )
    total_count = fields.Integer("Months in All", compute="_compute_progress")
    done_count = fields.Integer("Made", compute="_compute_progress")
    failed_count = fields.Integer("Could Not Be Made", compute="_compute_progress")
    page_count = fields.Integer("Pages", compute="_compute_progress")
    percent = fields.Float("Progress", compute="_compute_progress", help="Made or tried.")
    begun_on = fields.Datetime(readonly=True)
    ended_on = fields.Datetime(readonly=True)
    message = fields.Text("What to Do", readonly=True)
    file_ids = fields.Many2many(
        "ir.attachment", string="Files", readonly=True, help="They are deleted after 30 days."
    )
    is_expired = fields.Boolean(
        compute="_compute_is_expired", help="The files were deleted: have them made again."
    )

    # === COMPUTE === #
    @api.depends("requested_on", "company_id")
    def _compute_display_name(self):
        for packet in self:
            packet.display_name = self.env._("Audit packets no. %s", packet.id or "")

    @api.depends("line_ids.state", "line_ids.page_count")
    def _compute_progress(self):
        rows = self.env["ccm.audit.packet.line"]._read_group(
            [("packet_id", "in", self.ids)],
            ["packet_id", "state"],
            ["__count", "page_count:sum"],
        )
        found = {(packet, state): sums for packet, state, *sums in rows}
        for packet in self:
            counts = {
                state: found.get((packet, state), (0, 0)) for state in ("waiting", "done", "failed")
            }
            total = sum(count for count, _pages in counts.values())
            packet.total_count = total
            packet.done_count, packet.page_count = counts["done"]
            packet.failed_count = counts["failed"][0]
            packet.percent = 100 * (1 - counts["waiting"][0] / total) if total else 0

    @api.depends("state", "file_ids")
    def _compute_is_expired(self):
        for packet in self:
            packet.is_expired = packet.state == "done" and not packet.file_ids

    # === ACTIONS === #
    def action_stop_making(self):
        """Stop after the months that are being made; what is made is kept."""
        self._check_reader()
        for packet in self.filtered(lambda p: p.state in ("waiting", "running")):
            packet.sudo().state = "stopped"

    def action_make_again(self):
        """Go on with what was stopped; of what is done, make anew what failed or is not so any more.

        A month whose proof is what it was keeps its PDF, out of the ZIP.
        """
        self._check_reader()
        self.env["ccm.month"]._check_wkhtmltopdf()
        for packet in self.sudo().filtered(lambda p: p.state not in ("waiting", "running")):
            again = packet.line_ids.filtered(lambda line: not line.attachment_id)
            again.write({"state": "waiting", "message": False})
            packet.write({"state": "waiting", "message": False, "ended_on": False})
        self._trigger()

    def action_download(self):
        """Download the ZIP, or choose among its parts."""
        self.ensure_one()
        self._check_reader()
        if not self.file_ids:
            raise UserError(self.env._("There are no files yet, or not any more."))
        if len(self.file_ids) == 1:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.file_ids.id}?download=true",
                "target": "download",
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Parts"),
            "res_model": "ir.attachment",
            "view_mode": "kanban",
            "domain": [("id", "in", self.file_ids.ids)],
        }

    # === HELPERS === #
    def _check_reader(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(MONEY):
            raise AccessError(
                self.env._("Only a biller, a manager or an auditor may have an audit packet.")
            )

    @api.model
    def _request(self, months, left_out=0):
        """Have the packets of ``months`` made, one document a practice; open it, or their list."""
        # sudo: who may only read may all the same ask for papers
        packets = self.sudo().create(
            [
                {
                    "company_id": company.id,
                    "requested_by_id": self.env.uid,
                    "left_out_count": left_out,
                    "line_ids": [fields.Command.create({"month_id": m.id}) for m in chosen],
                }
                for company, chosen in months.grouped("company_id").items()
            ]
        )
        packets._trigger()
        action = self.env["ir.actions.act_window"]._for_xml_id("ccm_module.ccm_audit_packet_action")
        if len(packets) == 1:
            action.update(views=[(False, "form")], view_mode="form", res_id=packets.id)
        return action

    def _trigger(self):
        self.env.ref("ccm_module.ir_cron_audit_packet")._trigger()
