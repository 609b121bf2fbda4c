from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import ormcache

from ..billing import fees
from .ccm_month import MONEY


class CcmLocality(models.Model):
    """A Medicare payment locality; where a practice is decides what Medicare pays."""

    _name = "ccm.locality"
    _description = "Medicare Locality"
    _order = "state, number"
    _rec_names_search = ["name", "state", "mac", "number"]

    # === FIELDS === #

    mac = fields.Char("Contractor", required=True, help="Number of the Medicare contractor (MAC)")
    number = fields.Char("Locality", required=True)
    state = fields.Char(required=True, help="Two letters")
    name = fields.Char(required=True)
    gpci_ids = fields.One2many("ccm.locality.gpci", "locality_id", "Indices", groups=MONEY)

    # === SQL OBJECTS === #

    _number_uniq = models.UniqueIndex(
        "(mac, state, number)", "This locality of this contractor exists already."
    )

    # === COMPUTE === #

    @api.depends("mac", "number", "state", "name")
    def _compute_display_name(self):
        for locality in self:
            locality.display_name = (
                f"{locality.state} {locality.name} ({locality.mac}-{locality.number})"
            )

    # === HELPERS === #

    @api.model
    @ormcache("locality_id", "date")
    def _indices(self, locality_id, date):
        """Return the ``fees.Gpci`` of a locality (no id: national) on a day, or None."""
        if not locality_id:
            return fees.NATIONAL
        gpci = (
            self.env["ccm.locality.gpci"]
            .sudo()
            .search_fetch(
                [
                    ("locality_id", "=", locality_id),
                    ("date_from", "<=", date),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", date),
                ],
                ["work", "pe", "malpractice"],
            )
        )
        return gpci._as_gpci() if gpci else None

    @api.model
    def _load_gpcis(self, date_from, rows, source):
        """Load indices that are valid from ``date_from`` to the end of that year.

        ``rows``: see ``readers.gpci``. Returns the counts for the log (of localities).
        """
        known = {(place.mac, place.state, place.number): place for place in self.search([])}
        new = [row for row in rows if row[:3] not in known]
        for place in self.create(
            [dict(zip(("mac", "state", "number", "name"), row[:4], strict=True)) for row in new]
        ):
            known[place.mac, place.state, place.number] = place
        last_day = date(date_from.year, 12, 31)
        gpcis = self.env["ccm.locality.gpci"]
        on_day = {gpci.locality_id: gpci for gpci in gpcis.search([("date_from", "=", date_from)])}
        earlier = gpcis.search(
            [
                ("date_from", "<", date_from),
                ("locality_id", "in", [known[row[:3]].id for row in rows]),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", date_from),
            ]
        )
        earlier.date_to = date_from - timedelta(days=1)
        gpcis.flush_model()  # or PostgreSQL would see two indices on one day
        later = {
            gpci.locality_id: gpci.date_from - timedelta(days=1)
            for gpci in gpcis.search(
                [("date_from", ">", date_from), ("date_from", "<=", last_day)],
                order="date_from desc",
            )
        }
        added, changed = [], 0
        for *key, name, work, pe, malpractice in rows:
            place = known[tuple(key)]
            values = {"work": float(work), "pe": float(pe), "malpractice": float(malpractice)}
            if place.name != name:
                place.name = name
            if place not in on_day:
                date_to = later.get(place, last_day)
                values.update(date_from=date_from, date_to=date_to, source=source)
                added.append({"locality_id": place.id, **values})
            elif any(on_day[place][field] != value for field, value in values.items()):
                on_day[place].write({**values, "source": source})
                changed += 1
        gpcis.create(added)
        return {"rows": len(rows), "added": len(added), "changed": changed, "ended": len(earlier)}
