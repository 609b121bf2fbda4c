"""Whether the chain is whole, and what it seals is still as it was."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .. import seal
from .ccm_seal_rows import TABLES

# Links that are in memory at a time
CHECKED = 500
# What is a number in a correction's exact values
NUMBERS = frozenset({"partner_id", "user_id", "type_id", "start", "stop"})


class CcmSeal(models.Model):
    _inherit = "ccm.seal"

    # === ACTIONS === #
    @api.model
    def check_chain(self):
        """Check the chain of the current company; for scripts. See ``_check_chain``."""
        self._check_may_check()
        return self._check_chain(self.env.company)

    # === HELPERS === #
    def _check_may_check(self):
        groups = ("ccm_module.group_ccm_manager", "ccm_module.group_ccm_auditor")
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(self.env._("Only a manager or an auditor may check the seal."))

    @api.model
    def _check_chain(self, company):
        """Compare every link of ``company`` with the one before it, and with the rows it seals.

        :return: ``{"ok", "company_id", "links": how many are whole, "hash": of the last of these,
            "waiting": bills that are not sealed yet, "broken": None or the first broken link:
            {"sequence", "link_id", "problem", "kind", "res_id", "fields", "words"}}``
        """
        self.env.flush_all()
        merged = self._find_merged(company)
        sequence, last, broken = 0, "", None
        while not broken:
            links = self._read_links(company, sequence)
            if not links:
                break
            contents = {link["id"]: self.sudo().browse(link["id"])._said() for link in links}
            now = self._read_sealed(contents.values())
            for link in links:
                content = contents[link["id"]]
                problem = seal.broken_link(link, content, sequence + 1, last)
                if problem:
                    broken = self._broken(link, problem, sequence + 1)
                else:
                    broken = self._find_changed(link, content, now, merged)
                if broken:
                    break
                sequence, last = link["sequence"], link["hash"]
            self.env.invalidate_all(flush=False)
        broken = broken or self._find_cut(company, sequence, last)
        return {
            "ok": not broken,
            "company_id": company.id,
            "links": sequence,
            "hash": last,
            "waiting": self._count_waiting(company),
            "broken": broken,
        }

    def _check_link(self):
        """Check this link alone, and what it seals; for a paper that shows it.

        :return: None, or what is broken: see ``_check_chain``
        """
        self.ensure_one()
        self.env.flush_all()
        [link] = self._read_links(self.company_id, self.sequence - 1, limit=1)
        content = self._said()
        problem = seal.broken_link(link, content, self.sequence, link["previous_hash"])
        if problem:
            return self._broken(link, problem, self.sequence)
        merged = self._find_merged(self.company_id)
        return self._find_changed(link, content, self._read_sealed([content]), merged)

    def _read_links(self, company, after, limit=CHECKED):
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT id, sequence, kind, company_id AS company, content, hash,
                       COALESCE(previous_hash, '') AS previous_hash, partner_id, decision_id
                  FROM ccm_seal WHERE company_id = %s AND sequence > %s
                 ORDER BY sequence LIMIT %s
                """,
                *(company.id, after, limit),
            )
        )

    def _find_merged(self, company):
        """Return ``{contact: the one that it became}``."""
        merges = self.sudo().search([("company_id", "=", company.id), ("kind", "=", "merge")])
        return {
            row["id"]: row["values"]["into"]
            for link in merges.sorted("sequence")
            for row in (link._said() or {"rows": []})["rows"]
        }

    def _read_sealed(self, contents):
        """Return today's values of all rows of these contents, and all corrections of the time.

        ``{kind: {id: values}, "changes": {entry: [(revision, field, old, new)]}}``
        """
        ids = defaultdict(set)
        for content in contents:
            for row in (content or {"rows": []})["rows"]:
                ids[row["kind"]].add(row["id"])
        now = {kind: self._read_rows(kind, ids[kind]) for kind in TABLES}
        now["changes"] = defaultdict(list)
        for id_, entry, name, old, new in self.env.execute_query(
            SQL(
                """
                SELECT id, activity_id, field_name, old_exact, new_exact
                  FROM ccm_activity_revision WHERE activity_id = ANY(%s) ORDER BY id
                """,
                list(ids["entry"]),
            )
        ):
            if name in NUMBERS:
                old, new = old and int(old), new and int(new)
            now["changes"][entry].append((id_, name, old or None, new or None))
        return now

    def _find_changed(self, link, content, now, merged):
        """Return the first row of a link that is gone or was changed unlawfully, or None."""
        known = {row["id"] for row in content["rows"] if row["kind"] == "revision"}
        for row in content["rows"]:
            kind, id_ = row["kind"], row["id"]
            if kind not in TABLES:
                continue
            today = now[kind].get(id_)
            if today is None:
                return self._broken(link, "gone", link["sequence"], kind, id_)
            changes = [
                change
                for revision, *change in now["changes"].get(id_, ())
                if kind == "entry" and revision not in known
            ]
            names = seal.differences(row["values"], today, changes, merged)
            if names:
                return self._broken(link, "changed", link["sequence"], kind, id_, names)
        return None

    def _find_cut(self, company, sequence, last):
        """Return what is wrong with the end of a chain that is whole up to there, or None."""
        head = self.env["ccm.seal.head"].sudo().search([("company_id", "=", company.id)])
        if (head.sequence, head.hash or "") == (sequence, last):
            return None
        if head.sequence == sequence:
            problem = "last"
        else:
            problem = "cut" if sequence < head.sequence else "added"
            sequence = min(sequence, head.sequence) + 1
        link = self.sudo().search(
            [("company_id", "=", company.id), ("sequence", "=", sequence)], limit=1
        )
        return self._broken({"id": link.id, "sequence": sequence}, problem, sequence)

    def _broken(self, link, problem, sequence, kind=None, id_=None, names=()):
        return {
            "sequence": sequence,
            "link_id": link["sequence"] == sequence and link["id"],
            "problem": problem,
            "kind": kind,
            "res_id": id_,
            "fields": list(names),
            "words": self._broken_words(problem, sequence, kind, id_, names),
        }

    def _broken_words(self, problem, sequence, kind, id_, names):
        """Return in words what is broken: which link, which row, which fields; no data."""
        said = {
            "missing": self.env._("Link %s is missing: it was deleted.", sequence),
            "order": self.env._(
                "Link %s does not follow the link before it: links were moved.", sequence
            ),
            "hash": self.env._(
                "Link %s does not have the hash of its content: it was changed.", sequence
            ),
            "named": self.env._(
                "Link %s is filed under another number, practice or kind.", sequence
            ),
            "cut": self.env._(
                "Link %s is missing at the end: the last links were deleted.", sequence
            ),
            "last": self.env._("Link %s is another than the one that was made last.", sequence),
            "added": self.env._("Link %s was added past the program.", sequence),
        }
        if problem in said:
            return said[problem]
        model = TABLES[kind][0]
        what = f"{self.env['ir.model']._get(model).name} {id_}"
        if problem == "gone":
            return self.env._("Link %(link)s: %(what)s is gone.", link=sequence, what=what)
        known = self.env[model]._fields
        labels = [known[name]._description_string(self.env) for name in names]
        return self.env._(
            "Link %(link)s: %(what)s was changed past the program: %(fields)s.",
            link=sequence,
            what=what,
            fields=", ".join(labels),
        )

    def _count_waiting(self, company):
        """Return how many bills of ``company`` have no seal yet."""
        query = SQL("SELECT count(*) FROM (%s) bills", self._waiting(company))
        [[count]] = self.env.execute_query(query)
        return count
