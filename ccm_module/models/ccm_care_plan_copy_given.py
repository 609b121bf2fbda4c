"""The copy that the patient or caregiver gets, and the very paper kept."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .ccm_diagnosis import CODE

REPORT = "ccm_module.ccm_care_plan_report"
WAYS = [
    ("paper", "On paper"),
    ("mail", "By mail"),
    ("portal", "Portal"),
    ("electronic", "Electronically"),
    ("read", "Read aloud"),
]
COPY = ("copy_given_on", "copy_way", "copy_recipient")
RECIPIENTS = [("patient", "Patient"), ("caregiver", "Caregiver")]
_CODE = re.compile(rf"^{CODE.pattern}\s+")


class CcmCarePlan(models.Model):
    """The first copy is on the plan, for the bill; every copy is in its history."""

    _inherit = "ccm.care.plan"

    # === FIELDS === #

    copy_given_on = fields.Date(
        copy=False, tracking=True, help="Day the patient or caregiver first got a copy."
    )
    copy_way = fields.Selection(WAYS, "Copy Given Via", copy=False, tracking=True)
    copy_recipient = fields.Selection(RECIPIENTS, "Copy Given To", copy=False, tracking=True)
    copy_attachment_id = fields.Many2one(
        "ir.attachment",
        "Copy",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The first copy, exactly as it was given.",
    )

    # === CONSTRAINTS === #

    @api.constrains("approved_on", "copy_given_on")
    def _check_dates(self):
        for plan in self:
            if plan.approved_on and plan.approved_on > plan._today():
                plan._refuse_future("approved_on")
            if plan.copy_given_on:
                plan._check_copy_day(plan.copy_given_on)

    # === CRUD === #

    def write(self, vals):
        self._refuse_change_billed(vals, COPY)
        for plan in self.filtered("copy_attachment_id"):
            if plan._changed_fields(vals, ["copy_attachment_id"]):
                raise UserError(self.env._("Copy: the first one is part of the record, and stays."))
        return super().write(vals)

    # === ACTIONS === #

    def action_give_copy(self):
        """Open the dialog that records a copy and offers it as a PDF."""
        self.ensure_one()
        self.check_access("write")
        self._refuse_copy_of_draft()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give a Copy"),
            "res_model": "ccm.care.plan.copy",
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_id": self.id},
        }

    def action_open_copy(self):
        """Open the first copy, as it was given."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.copy_attachment_id.id}",
            "target": "new",
        }

    # === HELPERS === #

    def _give_copy(self, way, recipient, day):
        """Record that a copy was given, and keep the copy itself.

        :return: ``(attachment, problem)``: the kept copy, empty where it could not be made, and
            then what Odoo says about that; the record stands in any case
        :raises UserError: for a draft
        :raises ValidationError: for a day to come or before the approval
        """
        self.ensure_one()
        self._refuse_copy_of_draft()
        self._check_copy_day(day)
        attachment, problem = self._make_copy()
        values = {}
        if not self.copy_given_on:
            values = {"copy_given_on": day, "copy_way": way, "copy_recipient": recipient}
        if attachment and not self.copy_attachment_id:
            values["copy_attachment_id"] = attachment.id
        self.write(values)
        names = {"way": self._label_of("copy_way", way), "day": day}
        names["to"] = self._label_of("copy_recipient", recipient)
        self.message_post(
            body=self.env._("Copy given on %(day)s to: %(to)s. %(way)s.", **names),
            attachment_ids=attachment.ids,
        )
        return attachment, problem

    def _make_copy(self):
        attachments = self.env["ir.attachment"]
        try:
            with self.env.cr.savepoint():
                content, kind = self.env["ir.actions.report"]._render_qweb_pdf(REPORT, self.ids)
        except UserError as error:  # no wkhtmltopdf on the server, or it failed
            return attachments, str(error)
        name = self.env._("Care plan, version %s", self.version)
        return attachments.create(
            {
                "name": f"{name}.{kind}",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        ), None

    def _refuse_copy_of_draft(self):
        if self.state == "draft":
            raise UserError(self.env._("Copy Given On: have the plan approved first."))

    def _check_copy_day(self, day):
        if day > self._today():
            self._refuse_future("copy_given_on")
        if self.approved_on and day < self.approved_on:
            raise ValidationError(
                self.env._(
                    "Copy Given On: the plan was approved on %(day)s; enter that day or a later"
                    " one. What was given before was a draft.",
                    day=self.approved_on,
                )
            )

    def _refuse_future(self, name):
        raise ValidationError(
            self.env._(
                "%(fields)s: enter today or an earlier day, not a future one.",
                fields=self._labels([name]),
            )
        )

    def _label_of(self, name, value):
        return dict(self._fields[name]._description_selection(self.env)).get(value, "")

    def _plain_problems(self):
        """Return the problem list line by line, without the codes, for the patient to read."""
        self.ensure_one()
        lines = (self.problem_list or "").splitlines()
        return [_CODE.sub("", line).strip() for line in lines if line.strip()]
