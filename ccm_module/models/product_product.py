from odoo import fields, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    ccm_service_code_ids = fields.One2many(
        "ccm.service.code", "product_id", "Care Management Codes"
    )

    def _price_compute(self, price_type, uom=None, currency=None, company=None, date=False):
        """Price a care management code at what Medicare allows on ``date`` (a day of service).

        So the Medicare fee is the base that a payer's pricelist takes its discount from, and the
        price where no rule applies. A code that Medicare's schedule has in any year, but not on that
        day, costs 0 rather than what was once typed into the product; a code that it never had
        keeps the product's own price.
        """
        prices = super()._price_compute(
            price_type, uom=uom, currency=currency, company=company, date=date
        )
        if price_type != "list_price":
            return prices
        company = company or self.env.company
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        codes = {product: product._ccm_fee_codes() for product in self}
        coded = self.filtered(codes.get)
        if not coded:
            return prices
        schedules = self.env["ccm.fee.schedule"]
        amounts = schedules._get_amounts(company, set().union(*codes.values()), day)
        dollars = self.env.ref("base.USD")
        for product in coded:
            fees = {amounts.get(code, 0) for code in codes[product]}
            price = float(fees.pop()) if len(fees) == 1 else 0.0
            if uom:
                price = product.uom_id._compute_price(price, uom)
            # without an asked currency the caller converts, and rounds, from the product's own
            target = currency or product.currency_id
            rounded = bool(currency)
            prices[product.id] = dollars._convert(price, target, company, day, round=rounded)
        return prices

    def _ccm_fee_codes(self):
        """Return the product's codes that Medicare's schedule has (a set, as a rule of one)."""
        self.ensure_one()
        schedules = self.env["ccm.fee.schedule"]
        # the catalogue is not everybody's to read, but its prices go into any sale
        codes = set(self.sudo().ccm_service_code_ids.mapped("code"))
        return {code for code in codes if schedules._covers(code)}
