from odoo import api, fields, models
from odoo.tools import SQL


class CcmSealHead(models.Model):
    """How long the chain of a practice is, and its last hash, kept apart from the chain.

    A chain does not tell when its last links are gone: this does. The row is also what a worker
    holds while it adds links, so that no two add the same one.
    """

    _name = "ccm.seal.head"
    _description = "End of the Seal's Chain"

    # === FIELDS === #
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer("Links", readonly=True, required=True, default=0)
    hash = fields.Char("Last Hash", readonly=True)

    # === SQL OBJECTS === #
    _company_unique = models.UniqueIndex("(company_id)", "A practice has one chain.")

    # === HELPERS === #
    @api.model
    def _lock(self, company, wait=True):
        """Return the row of ``company``, made if need be, and held until the transaction ends.

        Who waits for it is told by PostgreSQL to begin again once it is free: see ``retry``.

        :param bool wait: where somebody else holds it, wait; else return no row
        """
        self.env.cr.execute(
            """
            INSERT INTO ccm_seal_head (company_id, sequence) VALUES (%s, 0)
            ON CONFLICT (company_id) DO NOTHING
            """,
            [company.id],
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM ccm_seal_head WHERE company_id = %s FOR UPDATE %s",
                company.id,
                SQL() if wait else SQL("SKIP LOCKED"),
            )
        )
        head = self.browse(id_ for [id_] in rows)
        head.invalidate_recordset(flush=False)
        return head
