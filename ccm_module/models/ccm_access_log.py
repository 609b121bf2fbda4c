import logging
from datetime import timedelta
from functools import partial

from psycopg2 import Error
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.http import request
from odoo.modules.registry import Registry
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# What a browser does again by itself: a form that is reloaded, a file that a viewer asks for in
# parts. The same again within so many minutes is the same look, and no row of its own.
REPEATED = frozenset({"open", "download"})
REPEATED_MINUTES = 5


class CcmAccessLog(models.Model):
    """Who opened, exported, printed or downloaded which patient's record, when, and from where.

    A row says that it happened, and never what was in the record. Lists and searches are no rows:
    what is opened from them is. Nothing here is ever deleted; who must keep such a log for some
    years only, by law or by contract, keeps it that long in any case.
    """

    _name = "ccm.access.log"
    _description = "Access Log"
    _inherit = ["ccm.append.only.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"
    _log_access = False

    # === FIELDS === #
    date = fields.Datetime("When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(
        [
            ("open", "Opened"),
            ("export", "Exported"),
            ("print", "Printed"),
            ("download", "Downloaded"),
            ("emergency", "Emergency Access"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Patient", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", readonly=True, help="Empty: several, see how many."
    )
    record_count = fields.Integer("Records", required=True, readonly=True)
    document = fields.Selection(
        selection="_selection_document", string="Kind of Record", compute="_compute_document"
    )
    ip = fields.Char("From", readonly=True, help="Address on the network. Empty: the server.")

    # === SQL OBJECTS === #
    _user_date_idx = models.Index("(user_id, date)")

    # === COMPUTE === #
    def _selection_document(self):
        models_ = (
            self.env["ir.model"]
            .sudo()
            .search([("model", "in", list(self.env["ccm.patient.data"]._paths()))])
        )
        # Odoo calls these a journal entry and a contact, which nobody looks for here.
        ours = {"account.move": self.env._("Invoice"), "res.partner": self.env._("Patient")}
        return [(model.model, ours.get(model.model, model.name)) for model in models_]

    @api.depends("res_model")
    def _compute_document(self):
        known = self.env["ccm.patient.data"]._paths()
        for row in self:
            row.document = row.res_model if row.res_model in known else False

    # === ACTIONS === #
    def action_open_record(self):
        """Open what was looked at, if the user may; that is a look of its own."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    # === HELPERS === #
    @api.model
    def _log(self, kind, records):
        """Write down that the user did ``kind`` with these records; who are no patients' are left.

        One row per patient. It never fails the caller's work: whatever goes wrong is in the
        server's log. Only a conflict with another transaction goes on, for Odoo to try again.

        :param str kind: a value of the field ``kind``
        :param records: of one model, of any patients
        """
        rows = self._prepare_rows(kind, records)
        if not rows:
            return
        if self.env.cr.readonly:
            # This request reads from a replica: write where one can, once it is through.
            later = partial(self._insert_apart, self.env.cr.dbname, self._insert_query(rows))
            self.env.cr.postcommit.add(later)
            return
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(self._insert_query(rows))
        except TransactionRollbackError:
            raise
        except Error:
            _logger.exception("The access log could not be written.")

    def _prepare_rows(self, kind, records):
        """Return one row per patient of ``records``: date, user, kind, patient, practice…"""
        now = fields.Datetime.now()
        address = request.httprequest.remote_addr if request else None
        return [
            (
                now,
                self.env.uid,
                kind,
                patient.id,
                self._practice_of(found[:1], patient).id,
                records._name,
                found.id if len(found) == 1 else None,
                len(found),
                address,
            )
            for patient, found in self.env["ccm.patient.data"]._by_patient(records).items()
        ]

    def _practice_of(self, record, patient):
        own = record.company_id if "company_id" in record._fields else None
        return own or patient.company_id or self.env.company

    def _insert_query(self, rows):
        """Return the one statement that writes ``rows``, without those that are there already."""
        columns = "date, user_id, kind, partner_id, company_id, res_model, res_id, record_count, ip"
        if rows[0][2] not in REPEATED:
            values = SQL(", ").join(SQL("%s", row) for row in rows)
            return SQL("INSERT INTO ccm_access_log (%s) VALUES %s", SQL(columns), values)
        values = SQL(", ").join(
            SQL("(%s::timestamp, %s, %s, %s, %s, %s, %s::integer, %s, %s)", *row) for row in rows
        )
        return SQL(
            """
            INSERT INTO ccm_access_log (%(columns)s)
            SELECT * FROM (VALUES %(values)s) AS new (%(columns)s)
             WHERE NOT EXISTS (
                SELECT FROM ccm_access_log AS old
                 WHERE old.user_id = new.user_id AND old.date > new.date - %(while)s
                   AND old.partner_id = new.partner_id AND old.kind = new.kind
                   AND old.res_model = new.res_model
                   AND old.res_id IS NOT DISTINCT FROM new.res_id
                   AND old.record_count = new.record_count
                   AND old.ip IS NOT DISTINCT FROM new.ip)
            """,
            columns=SQL(columns),
            values=values,
            **{"while": timedelta(minutes=REPEATED_MINUTES)},
        )

    @staticmethod
    def _insert_apart(dbname, query):
        try:
            with Registry(dbname).cursor() as cr:
                cr.execute(query)
        except Error:
            _logger.exception("The access log could not be written.")
