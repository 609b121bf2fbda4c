"""The practice at work in Spanish: what Odoo makes of the file of translations.

The words themselves are read from that file, so that a better word breaks no test.
"""

from pathlib import Path

import polib

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from .common import CcmCommon

I18N = Path(__file__).parents[1] / "i18n"


@tagged("post_install", "-at_install")
class TestTranslation(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.words = {entry.msgid: entry.msgstr for entry in polib.pofile(str(I18N / "es.po"))}
        # Mexico's Spanish has no file of its own, and takes Spain's
        for code in ("es_ES", "es_MX"):
            cls.env["res.lang"]._activate_lang(code)
            cls.env["ir.module.module"]._load_module_terms(["ccm_module"], [code])

    def word(self, text):
        translation = self.words[text]
        self.assertTrue(translation, f"{text!r} has no translation")
        self.assertNotEqual(translation, text)
        return translation

    def test_a_form(self):
        for lang in ("es_ES", "es_MX"):
            with self.subTest(lang):
                patients = self.env["res.partner"].with_user(self.nurse).with_context(lang=lang)
                form = patients.get_view(self.env.ref("base.view_partner_form").id, "form")["arch"]
                self.assertIn(self.word("Log Time by Hand"), form)
                self.assertNotIn("Log Time by Hand", form)
                label = patients.fields_get(["ccm_birthdate"])["ccm_birthdate"]["string"]
                self.assertEqual(label, self.word("Birth Date"))

    def test_a_record_of_ours(self):
        kind = self.env.ref("ccm_module.ccm_activity_type_coordination")
        self.assertEqual(
            kind.with_context(lang="es_ES").name, self.word("Care coordination"), "noupdate or not"
        )

    def test_an_error(self):
        text = "Stop must be later than Start: correct one of the two."
        vals = {
            "partner_id": self.make_patient().id,
            "start": "2026-06-02 15:00:00",
            "stop": "2026-06-02 14:00:00",
            "reason": "Logged after the call",
        }
        activities = self.env["ccm.activity"].with_user(self.nurse).with_context(lang="es_ES")
        with self.refused(ValidationError, self.word(text)):
            activities.create(vals)

    def test_the_browser_s_words(self):
        messages = code_translations.get_web_translations("ccm_module", "es_ES")["messages"]
        text = "Minutes to the next code"
        self.assertIn({"id": text, "string": self.word(text)}, [dict(one) for one in messages])

    def test_the_template_has_every_kind_of_text(self):
        """Odoo reads texts in several ways; a way that fails would go unseen."""
        pot = polib.pofile(str(I18N / "ccm_module.pot"))
        places = {place for entry in pot for place, _line in entry.occurrences}
        comments = " ".join(entry.comment for entry in pot)
        for start in (
            "code:addons/ccm_module/models/",
            "code:addons/ccm_module/static/src/",
            "model_terms:ir.ui.view,arch_db:ccm_module.",
            "model:ir.model.fields,field_description:ccm_module.",
            "model:ir.model.fields.selection,name:ccm_module.",
            "model:ir.ui.menu,name:ccm_module.",
            "model:ccm.activity.type,name:ccm_module.",
            "model:ccm.enrollment.reason,name:ccm_module.",
        ):
            self.assertTrue(any(place.startswith(start) for place in places), start)
        self.assertIn("odoo-javascript", comments)
        self.assertFalse(any("ccm.diagnosis," in place for place in places), "CDC's names stay")
