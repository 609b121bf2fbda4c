from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CcmAppendOnlyMixin(models.AbstractModel):
    """A row that is written once. Who could change it could change what it proves.

    The ORM refuses, also in sudo, and so does PostgreSQL, past the ORM. A model that inherits this
    names in ``_append_only_except`` the columns that may change all the same, and says why there.
    The patient of a row (``partner_id``) follows a merge of contacts, and only one that is on record
    (``ccm.partner.merge``).
    """

    _name = "ccm.append.only.mixin"
    _description = "Row that is written once"

    _append_only_except = ()

    def init(self):
        if self._abstract:
            return
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION ccm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                free text[] := COALESCE(TG_ARGV, '{}');
                before jsonb;
                after jsonb;
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    before := to_jsonb(OLD) - free;
                    after := to_jsonb(NEW) - free;
                    IF after = before OR after - 'partner_id' = before - 'partner_id' AND EXISTS (
                        SELECT FROM ccm_partner_merge
                         WHERE gone_id = (before->>'partner_id')::int
                           AND partner_id = (after->>'partner_id')::int
                    ) THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE 'A row of % is never changed.', TG_TABLE_NAME USING ERRCODE = '23001';
            END $$
            """
        )
        table = SQL.identifier(self._table)
        for name, event, per, free in (
            ("kept", "UPDATE OR DELETE", "ROW", self._append_only_except),
            ("kept_whole", "TRUNCATE", "STATEMENT", ()),
        ):
            self.env.cr.execute(
                SQL(
                    """
                    CREATE OR REPLACE TRIGGER %s BEFORE %s ON %s
                       FOR EACH %s EXECUTE FUNCTION ccm_refuse_change(%s)
                    """,
                    SQL.identifier(f"{self._table}_{name}"),
                    SQL(event),
                    table,
                    SQL(per),
                    SQL(", ").join(SQL("%s", column) for column in free),
                )
            )

    # === CRUD === #

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse, also in sudo: a record that can be changed proves nothing."""
        raise UserError(self._append_only_message("write"))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._append_only_message("unlink"))

    # === HELPERS === #

    def _append_only_message(self, operation):
        """Return why a row is neither changed nor deleted, for the person who tried."""
        name = self._description
        if operation == "write":
            return self.env._("%(name)s: what is written here is never changed.", name=name)
        return self.env._("%(name)s: what is written here is never deleted.", name=name)
