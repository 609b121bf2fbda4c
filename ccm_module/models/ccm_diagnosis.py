import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..readers.base import ascii_text

LONGEST_SEARCH = 100  # characters; the longest name has 228
CODE = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", re.ASCII)
LOOKS_LIKE_CODE = re.compile(r"[A-Za-z][0-9A-Za-z]{0,2}(\.?[0-9A-Za-z]{0,4})")


def _name_trigram(registry):
    """Return the index of names that fits how the ORM searches: with unaccent where there is."""
    indexable = registry.has_unaccent == FunctionStatus.INDEXABLE
    name = registry.unaccent("name") if indexable else "name"
    return f"USING gin ({name} gin_trgm_ops)"


class CcmDiagnosis(models.Model):
    """An ICD-10-CM code that may be billed, and whether it is a chronic condition.

    ``date_from`` and ``date_to`` are days of service. A code that a later release leaves out
    ends the day before that release takes effect, and stays on the records that have it.
    """

    _name = "ccm.diagnosis"
    _description = "Diagnosis (ICD-10-CM)"
    _order = "code"
    _rec_name = "code"

    # === FIELDS === #

    code = fields.Char(required=True, help="ICD-10-CM code with its dot, such as E11.9")
    name = fields.Char("Description", required=True)
    chronicity = fields.Selection(
        [("chronic", "Chronic"), ("acute", "Not chronic"), ("undetermined", "Undetermined")],
        default="undetermined",
        required=True,
        help="AHRQ's Chronic Condition Indicator. Undetermined: decided for each patient.",
    )
    release = fields.Char("ICD-10-CM Release", readonly=True, help="Empty: the practice's own")
    chronicity_release = fields.Char("Chronic Flag From", readonly=True)
    date_from = fields.Date("Valid From", help="First day of service; empty: always")
    date_to = fields.Date("Valid Until", help="Last day of service; empty: still valid")
    active = fields.Boolean(default=True)
    customized = fields.Boolean(
        "Changed by the Practice",
        help="New releases leave this description and chronic flag as they are.",
    )

    # === SQL OBJECTS === #

    _code_uniq = models.UniqueIndex("(code)", "This diagnosis code exists already.")
    # A prefix search needs this where the database does not sort by bytes.
    _code_pattern_idx = models.Index("(code varchar_pattern_ops)")
    # Not index="trigram": that is left out where pg_trgm is new to the database, as at our install.
    _name_trigram_idx = models.Index(_name_trigram)
    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "A diagnosis code cannot end before it begins."
    )

    def init(self):
        # A new release touches each row but hardly an indexed column: with room left in its page
        # PostgreSQL then need not touch the indexes (a HOT update), which is four times as fast.
        self.env.cr.execute("ALTER TABLE ccm_diagnosis SET (fillfactor = 45)")

    # === COMPUTE === #

    @api.depends("code", "name")
    def _compute_display_name(self):
        for diagnosis in self:
            diagnosis.display_name = " ".join(filter(None, (diagnosis.code, diagnosis.name)))

    @api.model
    def _search_display_name(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented  # the ORM asks for the opposite and negates it
        if operator == "in":
            return Domain.OR(self._domain_named(text) for text in value)
        if not isinstance(value, str) or "=" in operator:
            return self._domain_named(value)
        if not value.strip():
            return Domain.TRUE
        return Domain.OR(domain for domain, _order in self._searches_like(value))

    # === CONSTRAINTS === #

    @api.constrains("code")
    def _check_code(self):
        for diagnosis in self:
            if not CODE.fullmatch(diagnosis.code):
                raise ValidationError(
                    self.env._(
                        "Code: it goes on claims as it is. Enter an ICD-10-CM code: a letter, a"
                        " digit and a third sign, then a dot and up to four more, such as E11.9."
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.setdefault("customized", True)
            vals["code"] = self._with_dot(vals.get("code"))
        return super().create(vals_list)

    def write(self, vals):
        if "code" in vals:
            vals = {**vals, "code": self._with_dot(vals["code"])}
        if {"name", "chronicity"} & vals.keys():
            vals = {"customized": True, **vals}
        return super().write(vals)

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Search as one types: the exact code, codes that begin so, then words in any order.

        A code may lack its dot. Of the names with all the words chronic conditions come first, and
        of those the shortest, which are the plainest. Only codes that are valid today, or on the
        day ``ccm_service_date`` of the context. Returns (id, "E11.9 Type 2 …") pairs.
        """
        allowed = Domain(domain or Domain.TRUE) & self._domain_valid_on(
            self.env.context.get("ccm_service_date")
        )
        if operator != "ilike":
            return super().name_search(name, allowed, operator, limit)
        name = name.strip() if isinstance(name, str) else ""
        found = self.browse() if name else self._most_frequent(allowed, limit)
        columns = [self._fields["code"], self._fields["name"]]
        for like, order in self._searches_like(name):
            if limit and len(found) >= limit:
                break
            query = self._search(like & allowed & Domain("id", "not in", found.ids))
            query.order, query.limit = order, limit and limit - len(found)
            found += self._fetch_query(query, columns)
        return [(diagnosis.id, diagnosis.display_name) for diagnosis in found]

    # === HELPERS === #

    @api.model
    def _with_dot(self, code):
        """Return a code as this model keeps it: "e119" and "E11.9" become "E11.9"."""
        code = re.sub(r"[\s.]", "", code or "").upper()
        return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code

    @api.model
    def _most_frequent(self, allowed, limit):
        """Return the diagnoses of the practice's patients that fit, the most frequent first."""
        conditions = self.env["ccm.condition"]
        if not conditions.has_access("read"):
            return self.browse()
        groups = conditions._read_group(
            [("status", "=", "active"), ("diagnosis_id", "any", allowed)],
            ["diagnosis_id"],
            order="__count desc, diagnosis_id",
            limit=limit,
        )
        return self.browse([diagnosis.id for (diagnosis,) in groups])

    @api.model
    def _domain_valid_on(self, day):
        """Return the domain of the codes that are valid for services on ``day`` (empty: today)."""
        day = fields.Date.to_date(day) or fields.Date.context_today(self)
        return (Domain("date_from", "=", False) | Domain("date_from", "<=", day)) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", day)
        )

    @api.model
    def _domain_named(self, text):
        """Return the domain of the one diagnosis that ``text`` names: a code, or code and name."""
        code, _space, name = (text or "").strip().partition(" ")
        named = Domain("code", "=", self._with_dot(code))
        return named & Domain("name", "=", name.strip()) if name else named

    @api.model
    def _searches_like(self, text):
        """Return what to look for when a person types ``text``: (domain, order), the best first."""
        words = re.split(r"[\s,;]+", text[:LONGEST_SEARCH].strip())
        if words == [""]:
            chronic = Domain("chronicity", "=", "chronic")
            return [(chronic, SQL("code")), (~chronic, SQL("code"))]
        searches = []
        if len(words) == 1 and LOOKS_LIKE_CODE.fullmatch(words[0]):
            searches.append((self._domain_code_prefix(words[0]), SQL("code")))
        # the index of names needs one word of three letters; without, each search reads them all
        if any(re.search(r"\w{3}", word) for word in words):
            domain = Domain.AND(self._domain_word(word) for word in words)
            searches.append((domain, SQL("chronicity <> 'chronic', length(name), code")))
        return searches

    @api.model
    def _domain_code_prefix(self, text):
        return Domain("code", "=like", escape_psql(self._with_dot(text)) + "%")

    @api.model
    def _domain_word(self, word):
        """A word of the name, or the start of the code ("E11 kidney")."""
        # released names are without accents; one that the practice wrote may have them
        domain = Domain.OR(
            Domain("name", "ilike", escape_psql(spelling)) for spelling in {word, ascii_text(word)}
        )
        if LOOKS_LIKE_CODE.fullmatch(word) and any(letter.isdigit() for letter in word):
            domain |= self._domain_code_prefix(word)
        return domain
