"""What the seal says of a row: read past the ORM, as it stands in the database."""

from odoo import models
from odoo.tools import SQL

from ..seal import digest

# By kind of row: its table, what stands in the seal as it is (moments in seconds), and of what
# only a fingerprint does.
TABLES = {
    "decision": (
        "ccm.decision",
        ("month_id", "company_id", "partner_id", "month", "made_on", "made_by_id", "choice"),
        (
            *("rule_release", "fee_release", "codes", "amount"),
            *("facts", "rules", "prices", "result"),
        ),
    ),
    "entry": (
        "ccm.activity",
        (
            *("partner_id", "user_id", "performer", "type_id", "counts", "start", "stop"),
            *("source", "outcome", "state"),
        ),
        ("note", "reason"),
    ),
    "revision": (
        "ccm.activity.revision",
        ("activity_id", "moment", "user_id", "field_name", "old_exact", "new_exact"),
        ("old_value", "new_value", "why"),
    ),
    "consent": (
        "ccm.consent",
        (
            *("partner_id", "company_id", "practitioner_id", "method", "given_at", "given_by"),
            *("obtained_by_id", "recorded_at", "revoked_on", "revoked_by_id", "text_id"),
            *("told_available", "told_cost_sharing", "told_one_practitioner", "told_may_stop"),
        ),
        ("given_by_name", "backdated_reason", "note", "revoked_reason"),
    ),
}


class CcmSeal(models.Model):
    _inherit = "ccm.seal"

    # === HELPERS === #
    def _read_rows(self, kind, ids):
        """Return ``{id: values}`` as the seal keeps them, of those rows that are there."""
        if not ids:
            return {}
        name, plain, words = TABLES[kind]
        model = self.env[name]
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL(", ").join(self._sql_value(model._fields[n]) for n in (*plain, *words)),
                SQL.identifier(model._table),
                list(ids),
            )
        )
        found = {}
        for row in rows:
            values = {n: row[n] for n in plain}
            values.update((n, digest(row[n])) for n in words)
            found[row["id"]] = values
        if kind == "consent":
            self._add_texts(found)
            self._add_scans(found)
        return found

    @staticmethod
    def _sql_value(field):
        column = SQL.identifier(field.name)
        if field.type == "datetime":
            return SQL("EXTRACT(EPOCH FROM %s)::bigint AS %s", column, column)
        if field.type in ("date", "monetary"):
            return SQL("%s::text AS %s", column, column)
        if field.type in ("char", "selection", "text"):
            return SQL("NULLIF(%s, '') AS %s", column, column)
        return column

    def _add_texts(self, consents):
        """Add the fingerprint of the text that was read, in its version and language."""
        ids = {values["text_id"] for values in consents.values()} - {None}
        texts = {}
        if ids:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT t.id, t.name, t.version, l.code, t.body
                      FROM ccm_consent_text t JOIN res_lang l ON l.id = t.lang_id
                     WHERE t.id = ANY(%s)
                    """,
                    list(ids),
                )
            )
            texts = {id_: digest(said) for id_, *said in rows}
        for values in consents.values():
            values["text_body"] = texts.get(values["text_id"])

    def _add_scans(self, consents):
        """Add the fingerprint of the signed paper: of the file itself, not of what is said of it."""
        # sudo: the file is read to be compared, and shown to nobody
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "ccm.consent"),
                    ("res_field", "=", "scan"),
                    ("res_id", "in", list(consents)),
                ]
            )
        )
        scans = {file.res_id: digest(file.raw) for file in files}
        for id_, values in consents.items():
            values["scan"] = scans.get(id_)
