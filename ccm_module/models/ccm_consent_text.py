from lxml import html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

# What the patient heard must stay what it was.
SPOKEN = ("name", "version", "lang_id", "body", "date_from")
POINTS = 4  # available, cost sharing, one practitioner, may stop: see ccm.consent


class CcmConsentText(models.Model):
    """What is read to the patient before consent, by version and language.

    A version that stands in a given consent is evidence: it can be archived, not changed.
    """

    _name = "ccm.consent.text"
    _description = "Consent text"
    _order = "name, lang_id, version desc"

    # === FIELDS === #

    name = fields.Char(required=True)
    version = fields.Integer(required=True, default=1, copy=False)
    lang_id = fields.Many2one(
        "res.lang",
        "Language",
        required=True,
        context={"active_test": False},
        default=lambda self: self.env.ref("base.lang_en", raise_if_not_found=False),
    )
    body = fields.Html("Text", required=True)
    has_points = fields.Boolean(
        compute="_compute_has_points",
        help="The four points are a numbered list: each shows beside its tick while it is read.",
    )
    date_from = fields.Date("In Use From", default=fields.Date.context_today)
    active = fields.Boolean(default=True)
    is_used = fields.Boolean(compute="_compute_is_used")

    _version_unique = models.UniqueIndex(
        "(name, lang_id, version)",
        lambda env, diag: env._("Version: this text already has that version in this language."),
    )

    # === COMPUTE === #

    @api.depends("body")
    def _compute_has_points(self):
        for text in self:
            text.has_points = any(text._parts()[1])

    @api.depends("name", "version", "lang_id")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._(
                "%(language)s: %(name)s, version %(version)s",
                name=text.name,
                version=text.version,
                language=text.lang_id.name,
            )

    def _compute_is_used(self):
        used = self._read_to_patients()
        for text in self:
            text.is_used = text in used

    # === CRUD === #

    def write(self, vals):
        if set(SPOKEN) & vals.keys():
            for text in self._read_to_patients():
                raise UserError(
                    self.env._(
                        "%(text)s has been read to patients and cannot be changed. Use New Version.",
                        text=text.display_name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for text in self._read_to_patients():
            raise UserError(
                self.env._(
                    "%(text)s has been read to patients and cannot be deleted. Archive it instead.",
                    text=text.display_name,
                )
            )

    # === ACTIONS === #

    def action_new_version(self):
        """Open a copy with the next version number; the old one stays until archived."""
        self.ensure_one()
        newest = self.with_context(active_test=False).search(
            [("name", "=", self.name), ("lang_id", "=", self.lang_id.id)],
            order="version desc",
            limit=1,
        )
        successor = self.copy({"version": newest.version + 1, "date_from": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": successor.id,
            "view_mode": "form",
        }

    # === HELPERS === #

    def _read_to_patients(self):
        """Return those that stand in a consent on record."""
        # sudo: a consent of another practice fixes the text just as well
        used = (
            self.env["ccm.consent"]
            .sudo()
            ._read_group([("text_id", "in", self.ids), ("state", "!=", "draft")], ["text_id"])
        )
        return self.filtered(lambda text: any(text.id == other.id for (other,) in used))

    def _parts(self):
        """Return ``(before, points, after)`` of the text, as Markup.

        ``points`` are the items of its one numbered list if there are four of them, in the order
        of the four things to be told; else four empty ones, with the whole text before them.
        """
        body = self.body or Markup()
        whole = (body, [Markup()] * POINTS, Markup())
        root = html.fragment_fromstring(body, create_parent="div")
        lists = root.findall("ol")
        items = lists[0].findall("li") if len(lists) == 1 else []
        loose = [root.text, *(element.tail for element in root)]
        if len(items) != POINTS or any(text and text.strip() for text in loose):
            return whole
        before, after, passed = Markup(), Markup(), False
        for element in root:
            if element is lists[0]:
                passed = True
                continue
            source = Markup(html.tostring(element, encoding="unicode", with_tail=False))
            if passed:
                after += source
            else:
                before += source
        points = []
        for item in items:
            item.tag = "div"
            points.append(Markup(html.tostring(item, encoding="unicode", with_tail=False)))
        return before, points, after

    @api.model
    def _newest(self):
        """Return what may be read today: of each text the newest version in each language."""
        texts = self.search(
            ["|", ("date_from", "=", False), ("date_from", "<=", "today")], order="version desc"
        )
        newest = {}
        for text in texts:
            newest.setdefault((text.name, text.lang_id), text)
        return self.browse(text.id for text in newest.values())

    @api.model
    def _text_for(self, partner):
        """Return the newest text in the patient's language, else in English, else any."""
        texts = self._newest().sorted("version", reverse=True)
        for code in ((partner.lang or "")[:2], "en"):
            found = texts.filtered(lambda text, code=code: text.lang_id.code[:2] == code)
            if found:
                return found[0]
        return texts[:1]
