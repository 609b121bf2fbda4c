"""What a mock audit finds in patients' months: facts out of the database, ``billing`` over them."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..billing import audit
from ..billing.decision import decide


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    # === HELPERS === #
    def _audit(self):
        """Return ``{month: its findings}``; a constant number of queries, whatever the count."""
        rules = self.env["ccm.service.code"]._catalogue()._as_rules()
        collected = self._collect_facts()
        entries, elsewhere = self._collect_audit_entries(collected)
        found = {}
        for month in self:
            facts = collected[month.id]
            billed = None
            if month.state == "invoiced":
                billed = {line.code: line.units for line in month.line_ids}
            found[month] = audit.audit(
                facts,
                decide(facts, rules, month.company_id.ccm_code_choice),
                [entries[work.id] for work in facts.work if work.counts],
                [other for work in facts.work for other in elsewhere[work.id]],
                billed,
            )
        return found

    def _collect_audit_entries(self, collected):
        """Return the time of these months by id, and by id the time that overlaps it.

        :param dict collected: what ``_collect_facts`` returned
        """
        ids = [work.id for facts in collected.values() for work in facts.work]
        self.env["ccm.activity"].flush_model()
        columns = SQL(
            "o.id, o.user_id, EXTRACT(EPOCH FROM o.start)::bigint,"
            " EXTRACT(EPOCH FROM o.stop)::bigint, COALESCE(o.note, '')"
        )
        own = self.env.execute_query(
            SQL("SELECT %s FROM ccm_activity o WHERE o.id = ANY(%s)", columns, ids)
        )
        others = self.env.execute_query(
            SQL(
                """
                SELECT a.id, %s
                  FROM ccm_activity a JOIN ccm_activity o
                    ON o.user_id = a.user_id AND o.id <> a.id AND o.state <> 'void'
                   AND tsrange(o.start, o.stop) && tsrange(a.start, a.stop)
                 WHERE a.id = ANY(%s)
                """,
                columns,
                ids,
            )
        )
        elsewhere = defaultdict(list)
        for id_, *values in others:
            elsewhere[id_].append(audit.Entry(*values))
        return {values[0]: audit.Entry(*values) for values in own}, elsewhere
