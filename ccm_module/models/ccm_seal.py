import json
import time

from odoo import api, fields, models

from .. import seal
from .ccm_batch import retry

BATCH = 200


class CcmSeal(models.Model):
    """One link of the chain that seals what the bills of a practice rest on; see ``seal.py``.

    The close does not wait for it: each bill wakes a job that seals what is new, in one transaction
    a batch and under one lock a practice.
    """

    _name = "ccm.seal"
    _description = "Link of the Seal"
    _inherit = ["ccm.append.only.mixin"]
    _order = "company_id, sequence desc"

    # === FIELDS === #
    company_id = fields.Many2one(
        "res.company", "Practice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer("Link", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("bill", "A bill"),
            ("later", "What came later"),
            ("merge", "Two contacts became one"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Patient", readonly=True, index="btree_not_null", ondelete="restrict"
    )  # follows a merge of contacts; the content says whose it was
    month_id = fields.Many2one(
        "ccm.month", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    decision_id = fields.Many2one(
        "ccm.decision",
        "Decision Record",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    made_on = fields.Datetime("Sealed On", required=True, readonly=True)
    content = fields.Text(
        required=True,
        readonly=True,
        help="Exactly what the hash is taken over: identifiers, moments and fingerprints.",
    )
    hash = fields.Char(required=True, readonly=True, index=True)
    previous_hash = fields.Char("Hash Before", readonly=True)
    # What is sealed cannot be deleted: PostgreSQL refuses it.
    activity_ids = fields.Many2many(
        "ccm.activity", string="Time", readonly=True, ondelete="restrict"
    )
    revision_ids = fields.Many2many(
        "ccm.activity.revision", string="Corrections", readonly=True, ondelete="restrict"
    )
    consent_ids = fields.Many2many(
        "ccm.consent", string="Consents", readonly=True, ondelete="restrict"
    )

    # === SQL OBJECTS === #
    _sequence_unique = models.UniqueIndex(
        "(company_id, sequence)", "The chain has this link already."
    )
    _decision_unique = models.UniqueIndex(
        "(decision_id) WHERE decision_id IS NOT NULL", "This bill is sealed already."
    )

    # === COMPUTE === #
    @api.depends("sequence")
    def _compute_display_name(self):
        for link in self:
            link.display_name = self.env._("Link %s", link.sequence)

    # === CRON === #
    @api.model
    def _cron_seal(self):
        """Seal what is billed and not sealed yet, and what came later to what is sealed."""
        progress = self.env["ir.cron"]
        for company in self.env["res.company"].search([("active", "=", True)], order="id"):
            taken = BATCH
            while taken:
                taken = retry(self.env, lambda company=company: len(self._seal_batch(company)))
                if not progress._commit_progress(taken, remaining=int(bool(taken))):
                    return

    @api.model
    def _trigger(self):
        """Have the job run once this transaction is through."""
        # sudo: whoever makes a bill has it sealed
        cron = self.env.ref("ccm_module.ir_cron_seal", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    # === HELPERS === #
    @api.model
    def _seal_batch(self, company, limit=BATCH):
        """Add the next links of ``company``, at most ``limit``; return them.

        None where another worker is at it: what it leaves is sealed by the next run.
        """
        self.env.flush_all()
        head = self.env["ccm.seal.head"].sudo()._lock(company, wait=False)
        if not head:
            return self.browse()
        plans = self._plan_bills(company, limit) or self._plan_later(company, limit)
        return self._append(head, plans)

    def _append(self, head, plans):
        """Make a link of each plan, in their order, at the end of the chain.

        :param head: the locked ``ccm.seal.head``
        :param list plans: see ``_plan_bills``
        """
        if not plans:
            return self.browse()
        found = {
            kind: self._read_rows(
                kind, {id_ for plan in plans for id_ in plan["ids"].get(kind, ())}
            )
            for kind in ("decision", "entry", "revision", "consent")
        }
        sequence, previous, now = head.sequence, head.hash or "", int(time.time())
        vals_list = []
        for plan in plans:
            sequence += 1
            rows = [
                {"kind": kind, "id": id_, "values": found[kind][id_]}
                for kind in found
                for id_ in sorted(plan["ids"].get(kind, ()))
                if id_ in found[kind]
            ]
            content = seal.canonical(
                {
                    "form": seal.FORM,
                    "company": head.company_id.id,
                    "sequence": sequence,
                    "at": now,
                    "kind": plan["kind"],
                    "patient": plan["partner_id"],
                    "month": plan.get("month"),
                    "rows": rows + plan.get("rows", []),
                }
            )
            hash_ = seal.hash_of(previous, content)
            links = {kind: [row["id"] for row in rows if row["kind"] == kind] for kind in found}
            vals_list.append(
                {
                    "company_id": head.company_id.id,
                    "sequence": sequence,
                    "kind": plan["kind"],
                    "partner_id": plan["partner_id"],
                    "month_id": plan.get("month_id"),
                    "decision_id": plan.get("decision_id"),
                    "made_on": fields.Datetime.now(),
                    "content": content,
                    "hash": hash_,
                    "previous_hash": previous,
                    "activity_ids": [fields.Command.set(links["entry"])],
                    "revision_ids": [fields.Command.set(links["revision"])],
                    "consent_ids": [fields.Command.set(links["consent"])],
                }
            )
            previous = hash_
        made = self.sudo().create(vals_list)
        head.write({"sequence": sequence, "hash": previous})
        self.env.flush_all()
        return made

    @api.model
    def _register_merge(self, source_ids, target):
        """Write into every chain that contacts became one: sealed rows name the others.

        :param source_ids: the contacts that go
        :param target: the contact that stays
        """
        self.env.flush_all()
        rows = [
            {"kind": "merge", "id": id_, "values": {"into": target.id}}
            for id_ in sorted(set(source_ids) - {target.id})
        ]
        for head in self.env["ccm.seal.head"].sudo().search([("sequence", ">", 0)]):
            locked = head._lock(head.company_id)
            plan = {
                "kind": "merge",
                "partner_id": target.is_ccm_patient and target.id,
                "ids": {},
                "rows": rows,
            }
            self._append(locked, [plan])

    def _said(self):
        """Return what the content of this link says, or None where it is not JSON any more."""
        self.ensure_one()
        try:
            return json.loads(self.content)
        except ValueError:
            return None
