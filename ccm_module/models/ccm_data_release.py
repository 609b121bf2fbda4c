from odoo import api, fields, models


class CcmDataRelease(models.Model):
    """A published file that was loaded: what, whose, from which day, by whom.

    Written only by the loaders; nobody edits it, so that an auditor can rely on it.
    """

    _name = "ccm.data.release"
    _description = "Loaded Reference Data"
    _order = "loaded_on desc, id desc"

    kind = fields.Selection(
        [
            ("icd10cm", "Diagnoses (ICD-10-CM)"),
            ("ccir", "Chronic flags (AHRQ CCIR)"),
            ("rvu", "Fees: relative values (CMS RVU)"),
            ("gpci", "Fees: localities (CMS GPCI)"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char("Release", required=True, readonly=True)
    source = fields.Char(readonly=True, help="Where the file comes from")
    effective_date = fields.Date(required=True, readonly=True)
    rows = fields.Integer(readonly=True, help="Usable rows in the file")
    added = fields.Integer(readonly=True)
    changed = fields.Integer(readonly=True)
    ended = fields.Integer(readonly=True)
    loaded_on = fields.Datetime(default=fields.Datetime.now, readonly=True)
    loaded_by_id = fields.Many2one("res.users", default=lambda self: self.env.user, readonly=True)
    checksum = fields.Char("SHA-256 of the File", readonly=True)

    _kind_effective_date_idx = models.Index("(kind, effective_date DESC)")

    # === HELPERS === #

    @api.model
    def _newest(self, kind):
        """Return the loaded release of ``kind`` that takes effect last (empty when none is)."""
        order = "effective_date desc, loaded_on desc, id desc"
        return self.sudo().search([("kind", "=", kind)], order=order, limit=1)

    @api.model
    def _log(self, kind, name, effective_date, counts, **values):
        """Note a load. ``counts``: dict with rows, added, changed and ended (numbers)."""
        columns = ("rows", "added", "changed", "ended")
        return self.sudo().create(
            {
                "kind": kind,
                "name": name,
                "effective_date": effective_date,
                **{column: counts.get(column, 0) for column in columns},
                **values,
            }
        )
