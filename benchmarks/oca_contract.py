"""OCA contract makes invoices of two lines by its cron, as many as it is told, and says what it took.

oca_contract.py DATABASE: reads numbers from its input, one a line, and answers each in JSON. The
database has the addon ``contract`` installed. Each number is made of fresh contracts, and undone.
"""

import json
import sys

from meter import Meter

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def make_contracts(env, count):
    products = env["product.product"].create(
        [
            {"name": name, "type": "service", "list_price": price, "taxes_id": False}
            for name, price in (("First", 66.13), ("Further", 50.56))
        ]
    )
    today = env["contract.contract"]._fields["date_start"].today()
    partners = env["res.partner"].create([{"name": f"Customer {n}"} for n in range(count)])
    return env["contract.contract"].create(
        [
            {
                "name": partner.name,
                "partner_id": partner.id,
                "contract_line_fixed_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "name": product.name,
                            "quantity": 1,
                            "price_unit": product.list_price,
                            "recurring_rule_type": "monthly",
                            "recurring_interval": 1,
                            "date_start": today,
                            "recurring_next_date": today,
                        },
                    )
                    for product in products
                ],
            }
            for partner in partners
        ]
    )


def measure(env, count):
    contracts = make_contracts(env, count)
    env.flush_all()
    env.invalidate_all()
    meter = Meter(env.cr)
    with meter.stage("make"):
        env["contract.contract"].cron_recurring_create_invoice()
        env.flush_all()
    lines = env["account.move.line"].search(
        [("contract_line_id", "in", contracts.contract_line_ids.ids)]
    )
    moves = lines.move_id
    assert len(moves) == count and {len(move.invoice_line_ids) for move in moves} == {2}
    with meter.stage("post"):
        moves.action_post()
        env.flush_all()
    return {name: vars(cost) for name, cost in meter.stages.items()}


def main(database):
    config.parse_config(["-d", database, "--no-http", "--log-level=error"], setup_logging=True)
    registry = Registry(database)
    for line in sys.stdin:
        with registry.cursor() as cr:
            answer = measure(Environment(cr, SUPERUSER_ID, {}), int(line))
            cr.rollback()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
