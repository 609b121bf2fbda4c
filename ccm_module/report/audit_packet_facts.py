"""What the audit packet of one patient-month shows, section by section, for its template."""

from functools import cached_property

from odoo.tools import html2plaintext

from ..billing import months
from ..models.ccm_consent import TOLD
from .audit_packet_pages import framed
from .audit_packet_words import AuditPacketWords

# Rows of the access log that are printed; the log itself has them all.
LOG_ROWS = 60
IMAGES = {"image/png", "image/jpeg", "image/gif"}


class AuditPacketFacts(AuditPacketWords):
    """The proof of one billed month, as it is on record now."""

    # === WHO === #
    @property
    def number(self):
        return self.month._packet_number()

    @cached_property
    def bill(self):
        """The present invoice, or the last one where the month is not billed any more."""
        return self.month.move_id or self.bills[-1:]

    @property
    def medicare_number(self):
        """The end of the number: enough to tell patients apart; the whole is on the invoice."""
        number = self.patient.ccm_mbi or ""
        return number and "•" * (len(number) - 4) + number[-4:]

    # === CONDITIONS, CONSENT, VISIT, PLAN === #
    @cached_property
    def conditions(self):
        """The problems that were active on the date of service, those billed first."""
        found = self._own("ccm.condition").filtered(
            lambda condition: (
                (not condition.onset_date or condition.onset_date <= self.day_of_service)
                and (not condition.end_date or condition.end_date >= self.day_of_service)
            )
        )
        return found.sorted(lambda condition: not self.is_billed(condition))

    def is_billed(self, condition):
        return condition.diagnosis_id in (self.bill.ccm_diagnosis_ids or self.month.diagnosis_ids)

    @cached_property
    def consents(self):
        """What consent to the billing practitioner covered some of the month."""
        return (
            self._own("ccm.consent")
            .filtered(
                lambda consent: (
                    consent.state != "draft"
                    and consent.practitioner_id == self.month.practitioner_id
                    and consent.given_at < self.end
                    and (not consent.valid_until or consent.valid_until >= self.month.month)
                )
            )
            .sorted("given_at")
        )

    def told(self, consent):
        labels = consent.fields_get(TOLD, ["string"])
        return [(labels[name]["string"], consent[name]) for name in TOLD]

    def image(self, paper):
        """Return a paper that is a picture, to be shown in place; else nothing."""
        if paper.mimetype not in IMAGES:
            return ""
        return f"data:{paper.mimetype};base64,{paper.datas.decode()}"

    def scan(self, consent):
        """Return the signed paper of a consent, an attachment."""
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", consent._name),
                ("res_id", "=", consent.id),
                ("res_field", "=", "scan"),
            ],
            limit=1,
        )

    # === PAPERS AT THE END === #
    @cached_property
    def annexes(self):
        """``{paper: its pages}`` of what follows at the end: signed consents, the plan's given copy."""
        kept = [self.scan(consent) for consent in self.consents] + [self.plan.copy_attachment_id]
        pages = {
            paper: framed(paper.raw or b"") for paper in kept if paper.mimetype == "application/pdf"
        }
        return {paper: content for paper, content in pages.items() if content}

    @cached_property
    def enrollment(self):
        found = self._own("ccm.enrollment").filtered(
            lambda enrollment: (
                enrollment.state in ("active", "ended")
                and enrollment.date_start
                and enrollment.date_start <= self.last_day
                and (not enrollment.date_end or enrollment.date_end >= self.month.month)
            )
        )
        return found[-1:]

    @cached_property
    def visits(self):
        """The visit that CCM began with, and those of the year before the month's end."""
        since = months.year_before(self.month.month)
        recent = self._own("ccm.visit").filtered(lambda visit: since <= visit.date <= self.last_day)
        return (self.enrollment.initiating_visit_id | recent).sorted("date")

    @cached_property
    def other_care(self):
        """Other care in the month that Medicare weighs against CCM."""
        return (
            self._own("ccm.other.service")
            .filtered(
                lambda care: (
                    care.date_from <= self.last_day
                    and (not care.date_to or care.date_to >= self.month.month)
                )
            )
            .sorted("date_from")
        )

    @property
    def plan(self):
        return self.month.plan_id

    @property
    def plan_texts(self):
        """``[(title, text)]`` of the elements of the plan that are prose."""
        names = [
            *("problem_list", "expected_outcome", "cognitive_functional", "symptom_management"),
            *("medication_management", "environment", "caregiver", "coordination"),
        ]
        labels = self.plan.fields_get(names, ["string"])
        return [(labels[name]["string"], self.plan[name]) for name in names if self.plan[name]]

    @property
    def plan_rows(self):
        """``[(title, [words, status])]`` of the elements of the plan that are lists."""
        names = ["goal_ids", "intervention_ids", "medication_ids", "service_ids", "member_ids"]
        labels = self.plan.fields_get(names, ["string"])
        return [
            (
                labels[name]["string"],
                [
                    (row._in_words(), "status" in row._moves_on and self.label(row, "status"))
                    for row in self.plan[name]
                ],
            )
            for name in names
            if self.plan[name]
        ]

    # === TIME === #
    @cached_property
    def entries(self):
        """Every entry of the month, voided ones too, and those that the bill used and lost since."""
        used = [
            part["id"]
            for decision in self.month.decision_ids
            for part in decision.facts["work"]
            if "id" in part
        ]
        found = self.env["ccm.activity"].search(
            [
                "|",
                ("id", "in", used),
                *("&", "&", "&", ("partner_id", "=", self.patient.id)),
                *(("company_id", "=", self.company.id), ("start", "<", self.end)),
                *("|", ("stop", "=", False), ("stop", ">", self.begin)),
            ]
        )
        return found.sorted(lambda entry: (entry.start, entry.id))

    def is_elsewhere(self, entry):
        """Tell whether an entry that the bill used was moved to somebody else since."""
        return entry.partner_id != self.patient

    def corrections(self, entry):
        """Return the entry's corrections, oldest first, without what is another patient's."""
        rows = entry.revision_ids.sorted("id")
        if self.is_elsewhere(entry):
            rows = rows.filtered(lambda row: row.field_name not in ("note", "outcome", "reason"))
        return [
            {
                "row": row,
                "what": self.label(row, "field_name"),
                "before": self._not_another(row, row.old_value),
                "after": self._not_another(row, row.new_value),
            }
            for row in rows
        ]

    def _not_another(self, row, value):
        if row.field_name != "partner_id" or value == self.patient.display_name:
            return value
        return self.env._("another patient")

    # === SEAL === #
    @cached_property
    def seals(self):
        """The links of the chain that seal this month's bills."""
        decisions = self.month.decision_ids
        found = self.env["ccm.seal"].search([("decision_id", "in", decisions.ids)])
        return found.sorted("sequence")

    def broken(self, link):
        """Return in words what is wrong with a link or what it seals, or nothing."""
        broken = link._check_link()
        return broken and broken["words"]

    # === DECISION AND MONEY === #
    @property
    def comes_out_the_same(self):
        return self.decision._rerun()[self.decision]

    @cached_property
    def bills(self):
        return self.month.move_ids.filtered(lambda m: m.move_type == "out_invoice").sorted("id")

    def payments(self, bill):
        """Return what was paid or credited on ``bill``: day, what it is, amount."""
        shown = bill.invoice_payments_widget or {}
        return [
            {
                "day": self.day(part["date"]),
                "what": part.get("ref") or part.get("name") or "",
                "way": part.get("journal_name") or "",
                "is_refund": part.get("is_refund"),
                "amount": self.money(part["amount"], bill.currency_id),
            }
            for part in shown.get("content", [])
        ]

    @cached_property
    def denials(self):
        """The payer's denials that bear on the month, also those that turned out to be wrong."""
        found = self._own("ccm.other.service", active_test=False)
        return found.filtered(
            lambda care: (
                care.denied_month_id == self.month
                or (care.denied_month_id and care in self.other_care)
            )
        ).sorted("denied_on")

    def history(self, record):
        """Return what people said of a record in its history: moment, who and what, oldest first."""
        return [
            {
                "moment": message.date,
                "who": message.author_id.name,
                "what": html2plaintext(message.body),
            }
            for message in record.message_ids.sorted("id")
            if message.body
        ]

    # === WHO LOOKED === #
    @cached_property
    def looks(self):
        return self.env["ccm.access.log"].search(self._log_domain(), limit=LOG_ROWS)

    @property
    def look_count(self):
        return self.env["ccm.access.log"].search_count(self._log_domain())

    def _log_domain(self):
        return [
            ("partner_id", "=", self.patient.id),
            ("company_id", "=", self.company.id),
            ("date", ">=", self.begin),
        ]
