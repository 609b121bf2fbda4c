from odoo.tests import TransactionCase


class TestAddon(TransactionCase):
    def test_comes_with_surveys(self):
        """A practice that has both gets the link between them by itself."""
        addon = self.env["ir.module.module"].search([("name", "=", "ccm_survey")])
        self.assertEqual(addon.state, "installed")
        self.assertTrue(addon.auto_install)
