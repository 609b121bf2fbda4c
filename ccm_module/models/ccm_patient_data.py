from odoo import api, models
from odoo.tools import frozendict, ormcache


class CcmPatientData(models.AbstractModel):
    """Where data of a patient is: asked by all that must not forget any of it."""

    _name = "ccm.patient.data"
    _description = "Where a patient's data is"

    # === HELPERS === #
    @api.model
    @ormcache(cache="stable")
    def _paths(self):
        """Return ``{model: path from a record to its patient}`` of every model kept for good.

        Found by looking, so that no model of ours is forgotten: a record is a patient's by its
        ``partner_id``, or because it belongs to (requires) another such record.
        """
        ours = {
            name: model
            for name, model in self.env.registry.items()
            if name.startswith("ccm.") and not model._abstract and not model._transient
        }
        paths = dict(self._foreign_paths())
        for name, model in ours.items():
            field = model._fields.get("partner_id")
            if field and field.store and field.comodel_name == "res.partner":
                paths[name] = "partner_id"
        found = True
        while found:
            found = {
                name: f"{owner.name}.{paths[owner.comodel_name]}"
                for name, model in ours.items()
                if name not in paths and (owner := self._owner(model, paths))
            }
            paths.update(found)
        return frozendict(paths)

    @api.model
    def _foreign_paths(self):
        """Return the same of the models of other addons that have data of patients."""
        return {"res.partner": "", "account.move": "ccm_patient_id"}

    @staticmethod
    def _owner(model, paths):
        """Return the field of ``model`` that says to which record of a patient its rows belong."""
        for field in model._fields.values():
            if (
                field.type == "many2one"
                and field.store
                and field.required
                and field.comodel_name.startswith("ccm.")
                and field.comodel_name in paths
            ):
                return field
        return None

    @api.model
    def _by_patient(self, records):
        """Return ``{patient: its records}`` of records of one model; those of others are left out."""
        path = self._paths().get(records._name)
        if path is None:
            return {}
        found = {}
        # sudo: whose a record is does not depend on who asks
        for record in records.sudo():
            patient = record.mapped(path) if path else record
            if patient.is_ccm_patient:
                found.setdefault(patient, []).append(record.id)
        return {patient: records.sudo().browse(ids) for patient, ids in found.items()}

    @api.model
    def _kept_records(self, partners):
        """Yield what there is of these contacts' records that is kept whatever happens to them.

        Where somebody stands in the way to an offer (``ccm.eligibility``) is worked out from the rest.
        """
        for name, path in self._paths().items():
            model = self.env[name].sudo().with_context(active_test=False)
            if path and model._auto and name != "ccm.eligibility":
                yield from model.search([(path, "in", partners.ids)], limit=1)

    @api.model
    def _proof(self, name, ids):
        """Return those records of model ``name`` that a billed month rests on."""
        records = self.env[name].sudo() if name in self._paths() else None
        if records is None:
            return self.browse()
        records = records.browse(ids).exists()
        if name == "ccm.month":
            return records.filtered(lambda m: m.state == "invoiced" or m.move_ids or m.decision_ids)
        if name == "ccm.activity":
            return records.filtered(lambda entry: not entry.is_late and entry._in_bill())
        if isinstance(records, self.env.registry["ccm.fact.mixin"]):
            return records.filtered(lambda record: record._is_evidence() and record._billed_on())
        return records.browse()
