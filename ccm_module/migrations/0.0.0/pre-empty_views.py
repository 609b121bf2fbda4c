"""On every new version: what we add to Odoo's own forms is emptied, and then read anew one file at a time.

Odoo checks a form with all that extends it. Our first file that extends the contact's form would be
checked together with what an older version of the others still says there, about fields that are gone.
What a practice changed and protects from updates is left alone.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = '{"en_US": "<data/>"}'
          FROM ir_model_data AS data
         WHERE data.model = 'ir.ui.view'
           AND data.module = 'ccm_module'
           AND data.res_id = ir_ui_view.id
           AND NOT data.noupdate
           AND ir_ui_view.mode = 'extension'
        """
    )
