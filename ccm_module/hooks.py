"""Hooks: what PostgreSQL must have before the tables are made, and a quiet end."""

from odoo.tools import SQL


def pre_init_hook(env):
    """Two extensions that every PostgreSQL brings along and a database's owner may switch on."""
    # the exclusion constraint on time entries compares a user id inside a GiST index
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    # the search for a diagnosis by words
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")


def uninstall_hook(env):
    """Let go of all that would be in the way when Odoo deletes the addon's records.

    Odoo deletes them one by one, and logs an error for each that something still refers to.
    """
    # it follows its patients, who go before it
    env.cr.execute("DELETE FROM ccm_eligibility")
    # what is written once may go with all the rest only
    env.cr.execute("DROP FUNCTION IF EXISTS ccm_refuse_change CASCADE")
    # our own tables go as a whole a moment later
    for table, name in env.execute_query(
        SQL(
            """
            SELECT t.relname, c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
             WHERE c.contype = 'f' AND starts_with(t.relname, 'ccm_')
               AND t.relnamespace = current_schema()::regnamespace
            """
        )
    ):
        drop = SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name))
        env.cr.execute(drop)
    # invoices stay, and with them the products and the partners that they name
    env.cr.execute(
        """
        WITH used AS (
            SELECT 'product.product' AS model, product_id AS id FROM account_move_line
            UNION SELECT 'product.template', p.product_tmpl_id
              FROM product_product p JOIN account_move_line l ON l.product_id = p.id
            UNION SELECT 'res.partner', partner_id FROM account_move_line
            UNION SELECT 'res.partner', partner_id FROM account_move
            UNION SELECT 'res.partner', partner_id FROM account_payment
        )
        DELETE FROM ir_model_data d USING used
         WHERE d.module = 'ccm_module' AND d.model = used.model AND d.res_id = used.id
        """
    )
