"""A month on paper: the workbook, and what the printed report says."""

from odoo import fields, models
from odoo.tools import format_datetime

from ..report.ccm_close_workbook import CloseWorkbook

# Patients that a table of the printed report names; the workbook has them all.
PRINTED = 2000


class CcmClose(models.Model):
    _inherit = "ccm.close"

    # === ACTIONS === #
    def action_workbook(self):
        """Download the month as a workbook."""
        self._check_reader()
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/ccm/close/{self.id}/workbook",
            "target": "download",
        }

    def action_make_packets(self):
        """Have the audit packets of this month's bills made in the background."""
        self.ensure_one()
        self.check_access("read")
        return self._months(("state", "=", "invoiced")).action_make_packets()

    # === WORKBOOK === #
    def _workbook(self):
        """Return the bytes of the month's workbook, as the user may see it."""
        self._check_reader()
        self.ensure_one()
        return CloseWorkbook(self._months(), self.month, self.company_id).build()

    def _workbook_name(self):
        return f"CCM {self.month:%Y-%m}.xlsx"

    def _months(self, *domain, **options):
        """Return the patients' months of this close, in the order of their names."""
        options = {"order": "partner_id, id", **options}
        return self.env["ccm.month"].search([*self._months_domain(), *domain], **options)

    def _months_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.month)]

    # === PRINTED REPORT === #
    def _report_summary(self):
        """Return the tables of sums: each a title, the names of its columns, rows and totals."""
        self._check_reader()
        self.ensure_one()
        patients, minutes = self.env._("Patients"), self.env._("Minutes")
        sums = ["__count", "total_minutes:sum", "amount_total:sum"]
        states = dict(self.env["ccm.month"]._fields["state"]._description_selection(self.env))
        unknown = self.env._("Nobody yet")
        by_state = [(states[state], *values) for state, *values in self._report_sums("state", sums)]
        companies = [("payer_id.is_company", "=", True)]
        by_payer = [
            (payer.name, *values)
            for payer, *values in self._report_sums("payer_id", sums, *companies)
        ]
        by_payer += [
            (self.env._("The patient"), *values)
            for _company, *values in self._report_sums(
                "company_id", sums, ("payer_id.is_company", "!=", True)
            )
        ]
        by_practitioner = [
            (practitioner.name or unknown, *values)
            for practitioner, *values in self._report_sums("practitioner_id", sums)
        ]
        by_code = self.env["ccm.month.line"]._read_group(
            [(f"month_id.{name}", *rest) for name, *rest in self._months_domain()],
            ["code"],
            ["__count", "units:sum", "amount:sum"],
        )
        return [
            self._report_table(self.env._("State"), patients, minutes, by_state),
            self._report_table(self.env._("Payer"), patients, minutes, by_payer),
            self._report_table(
                self.env._("Billing Practitioner"), patients, minutes, by_practitioner
            ),
            self._report_table(
                self.env._("Code"), self.env._("Lines"), self.env._("Units"), by_code
            ),
        ]

    def _report_sums(self, field, sums, *domain):
        return self.env["ccm.month"]._read_group([*self._months_domain(), *domain], [field], sums)

    @staticmethod
    def _report_table(title, count_title, sum_title, rows):
        rows = sorted(rows, key=lambda row: -row[3])
        totals = [sum(column) for column in list(zip(*rows, strict=True))[1:]] or [0, 0, 0]
        return {
            "titles": [title, count_title, sum_title],
            "rows": rows,
            "totals": totals,
        }

    def _report_billed(self):
        return self._report_months(("state", "=", "invoiced"))

    def _report_blocked(self):
        """Return the months that are not billed and are not merely short of minutes."""
        return self._report_months(
            "|",
            ("state", "in", ("blocked", "cancelled")),
            "&",
            ("state", "=", "ready"),
            ("error_on", "!=", False),
        )

    def _report_months(self, *domain):
        """Return ``(months, count)``: those that are printed, and how many there are."""
        months = self._months(*domain, limit=PRINTED)
        if len(months) < PRINTED:
            return months, len(months)
        return months, months.search_count([*self._months_domain(), *domain])

    def _report_printed(self):
        """Return when this is printed, by the practice's clock."""
        return format_datetime(self.env, fields.Datetime.now(), tz=self.company_id.ccm_tz)
