"""How an audit packet writes days, moments and amounts, and whose records it may show."""

from datetime import UTC, datetime

from lxml import html
from markupsafe import Markup

from odoo.tools import format_amount, format_date, format_datetime, format_time

from ..billing import months


class AuditPacketWords:
    """The proof of one billed month, as it is on record now.

    ``month`` is read in sudo, by the packet's own rule of who may (see ``ccm.month``); so everything
    here keeps to the patient and the practice of that month by itself.
    """

    def __init__(self, month):
        self.env = month.env
        self.month = month
        self.patient = month.partner_id
        self.company = month.company_id
        self.zone = self.company._ccm_zone()
        self.begin = _naive(months.midnight(month.month, self.zone))
        self.end = _naive(months.midnight(months.next_month(month.month), self.zone))
        self.last_day = months.last_day(month.month)
        self.day_of_service = month.service_date or self.last_day
        self.decision = month.decision_id or month.decision_ids[:1]

    # === HOW THINGS ARE WRITTEN === #
    def day(self, day):
        return format_date(self.env, day) if day else ""

    def moment(self, moment):
        """Return a moment as the practice's clock showed it, to the second, with its zone."""
        if not moment:
            return ""
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        text = format_datetime(self.env, moment, tz=self.zone.key, dt_format="medium")
        return f"{text} {local:%Z}"

    def until(self, entry):
        """Return when an entry ended: the time alone, if it is the day on which it began."""
        begun, ended = (
            moment.replace(tzinfo=UTC).astimezone(self.zone) for moment in (entry.start, entry.stop)
        )
        if begun.date() != ended.date():
            return self.moment(entry.stop)
        time = format_time(self.env, entry.stop, tz=self.zone.key, time_format="medium")
        return f"{time} {ended:%Z}"

    def money(self, amount, currency=None):
        return format_amount(self.env, amount, currency or self.company.currency_id)

    def label(self, record, name):
        """Return the words for the value of a selection."""
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def or_none(self, value):
        return value or self.env._("None recorded.")

    def yes(self, value):
        return self.env._("Yes") if value else self.env._("No")

    @staticmethod
    def at_rest(body):
        """Return formatted words without what would be fetched from elsewhere to print them."""
        tree = html.fragment_fromstring(body or "", create_parent="div")
        for node in tree.iter("*"):
            node.attrib.clear()
        return Markup(html.tostring(tree, encoding="unicode"))

    @staticmethod
    def minutes(seconds):
        return f"{seconds // 60}:{seconds % 60:02d}"

    # === HELPERS === #
    def _own(self, model, **context):
        return (
            self.env[model]
            .with_context(**context)
            .search([("partner_id", "=", self.patient.id), ("company_id", "=", self.company.id)])
        )


def _naive(second):
    """Return a UTC second as Odoo keeps times."""
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None)
