"""What is to be sealed next."""

from odoo import api, models
from odoo.tools import SQL

from ..billing import months
from ..seal import SAID_LATER

# A revocation or a signed paper of a transaction that was long at work is not overlooked.
LONGEST_TRANSACTION = "1 hour"


class CcmSeal(models.Model):
    _inherit = "ccm.seal"

    # === PLANS === #
    @api.model
    def _plan_bills(self, company, limit):
        """Return a plan for each bill of ``company`` without a seal, oldest first.

        A plan says of what a link is made: ``kind``, ``partner_id``, ``month_id``, ``decision_id``,
        ``month`` and, by kind of row, the ``ids``.
        """
        bills = self.env.execute_query_dict(
            SQL(
                "%s ORDER BY decision_id NULLS FIRST, month_id LIMIT %s",
                self._waiting(company),
                limit,
            )
        )
        if not bills:
            return []
        for bill in bills:
            if bill["entry_ids"] is None:
                bill["entry_ids"] = self._find_entries(company, bill["partner_id"], bill["month"])
        entries = [id_ for bill in bills for id_ in bill["entry_ids"]]
        revisions = self._ids_by("ccm_activity_revision", "activity_id", entries)
        consents = self._ids_by(
            "ccm_consent",
            "partner_id",
            [bill["partner_id"] for bill in bills],
            "state IN ('given', 'revoked') AND company_id = %(company)s",
            company=company.id,
        )
        return [
            {
                "kind": "bill",
                **{name: bill[name] for name in ("partner_id", "month_id", "decision_id")},
                "month": bill["month"].strftime("%Y-%m"),
                "ids": {
                    "decision": [bill["decision_id"]] if bill["decision_id"] else [],
                    "entry": bill["entry_ids"],
                    "revision": [id_ for e in bill["entry_ids"] for id_ in revisions.get(e, ())],
                    "consent": consents.get(bill["partner_id"], ()),
                },
            }
            for bill in bills
        ]

    def _waiting(self, company):
        """Return the query of the bills of ``company`` that are not sealed yet."""
        return SQL(
            """
            SELECT d.month_id, d.id AS decision_id, d.partner_id, d.month,
                   ARRAY(SELECT (w ->> 'id')::int FROM jsonb_array_elements(d.facts -> 'work') w
                          WHERE w ->> 'id' IS NOT NULL) AS entry_ids
              FROM ccm_decision d
             WHERE d.company_id = %(company)s
               AND NOT EXISTS (SELECT FROM ccm_seal s WHERE s.decision_id = d.id)
             UNION ALL
            -- billed before decisions were kept
            SELECT m.id, NULL, m.partner_id, m.month, NULL
              FROM ccm_month m
             WHERE m.company_id = %(company)s AND m.state = 'invoiced'
               AND NOT EXISTS (SELECT FROM ccm_decision d WHERE d.month_id = m.id)
               AND NOT EXISTS (SELECT FROM ccm_seal s WHERE s.month_id = m.id AND s.kind = 'bill')
            """,
            company=company.id,
        )

    def _find_entries(self, company, partner_id, month):
        start, stop = months.bounds(month, company._ccm_zone())
        self.env.cr.execute(
            """
            SELECT id FROM ccm_activity
             WHERE partner_id = %s AND company_id = %s AND state = 'done' AND is_late IS NOT TRUE
               AND start < to_timestamp(%s) AT TIME ZONE 'UTC'
               AND stop > to_timestamp(%s) AT TIME ZONE 'UTC'
            """,
            [partner_id, company.id, stop, start],
        )
        return [id_ for [id_] in self.env.cr.fetchall()]

    def _ids_by(self, table, column, owners, where="TRUE", **params):
        self.env.cr.execute(
            f"""
            SELECT {column}, array_agg(id ORDER BY id) FROM {table}
             WHERE {column} = ANY(%(owners)s) AND {where} GROUP BY {column}
            """,
            {"owners": list(owners), **params},
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _plan_later(self, company, limit):
        """Return a plan, by patient, for what came lawfully to what is sealed, and is not itself.

        That is: corrections of sealed time, and what a sealed consent says since, a revocation or
        the signed paper.
        """
        self.env.cr.execute(
            """
            SELECT r.id, a.partner_id
              FROM ccm_activity_revision r JOIN ccm_activity a ON a.id = r.activity_id
             WHERE EXISTS (SELECT FROM ccm_activity_ccm_seal_rel x
                             JOIN ccm_seal s ON s.id = x.ccm_seal_id AND s.company_id = %(company)s
                            WHERE x.ccm_activity_id = r.activity_id)
               AND NOT EXISTS (SELECT FROM ccm_activity_revision_ccm_seal_rel x
                                 JOIN ccm_seal s
                                   ON s.id = x.ccm_seal_id AND s.company_id = %(company)s
                                WHERE x.ccm_activity_revision_id = r.id)
             ORDER BY r.id LIMIT %(limit)s
            """,
            {"company": company.id, "limit": limit},
        )
        plans = {}
        for id_, partner_id in self.env.cr.fetchall():
            self._plan_of(plans, partner_id)["ids"]["revision"].append(id_)
        for id_, partner_id in self._find_told_later(company):
            self._plan_of(plans, partner_id)["ids"]["consent"].append(id_)
        return list(plans.values())[:limit]

    @staticmethod
    def _plan_of(plans, partner_id):
        empty = {"kind": "later", "partner_id": partner_id, "ids": {"revision": [], "consent": []}}
        return plans.setdefault(partner_id, empty)

    def _find_told_later(self, company):
        """Return ``(id, patient)`` of the sealed consents that say more than their newest seal."""
        self.env.cr.execute(
            """
            SELECT * FROM (
                SELECT DISTINCT ON (c.id) c.id, c.partner_id, c.write_date, s.id AS link_id,
                       s.create_date AS sealed_on
                  FROM ccm_consent c
                  JOIN ccm_consent_ccm_seal_rel x ON x.ccm_consent_id = c.id
                  JOIN ccm_seal s ON s.id = x.ccm_seal_id AND s.company_id = %s
                 ORDER BY c.id, s.sequence DESC) newest
             WHERE write_date > sealed_on - %s::interval
            """,
            [company.id, LONGEST_TRANSACTION],
        )
        newest = self.env.cr.dictfetchall()
        now = self._read_rows("consent", [row["id"] for row in newest])
        found = []
        for row in newest:
            said = self.sudo().browse(row["link_id"])._said() or {"rows": []}
            sealed = next(
                (r for r in said["rows"] if (r["kind"], r["id"]) == ("consent", row["id"])), None
            )
            if sealed and any(
                sealed["values"].get(name) is None and now[row["id"]][name] is not None
                for name in SAID_LATER
            ):
                found.append((row["id"], row["partner_id"]))
        return found
