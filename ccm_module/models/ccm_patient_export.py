import io
import json
import re
import zipfile

from odoo import api, fields, models
from odoo.tools import html2plaintext

FORMAT = "ccm_module.patient", 1
# What a contact or an invoice has besides, by the way from it to the patient's contact or bill.
BESIDES = {
    "account.move.line": "move_id",
    "res.partner.bank": "partner_id",
}
# What a person who reads the page looks for last: money, messages, and the proof of it all.
READ_LAST = ("account.", "ccm.access.log", "ccm.seal", "mail.", "res.partner.bank")
UNSAFE = re.compile(r"[^\w.-]+|\.(?=\.)")


class CcmPatientExport(models.AbstractModel):
    """All that is held about one patient, for the patient: to read, and for another program.

    Every stored field of every record, found by looking (``ccm.patient.data``), so that what is added
    later is not forgotten. What is worked out from stored fields is left out. A record of
    another patient is named by its number at most.
    """

    _name = "ccm.patient.export"
    _description = "Export of a patient's record"

    # === HELPERS === #
    @api.model
    def _zip(self, partner):
        """Return the bytes of the ZIP: record.json, record.html, and the files.

        :param partner: the patient, whom the user may read
        """
        records = self._collect_records(partner)
        files = self._collect_files(records)
        told = self._collect_history(records)
        names = {file: f"files/{file.id}-{UNSAFE.sub('_', file.name)[-100:]}" for file in files}
        content = {
            "format": FORMAT[0],
            "version": FORMAT[1],
            "exported_on": fields.Datetime.to_string(fields.Datetime.now()),
            "patient": partner.id,
            "records": {
                found._name: [self._as_json(record, partner) for record in found]
                for found in (*records, *told)
            },
            "files": [
                {
                    "path": names[file],
                    "model": file.res_model,
                    "id": file.res_id,
                    "field": file.res_field or None,
                    "type": file.mimetype,
                    "checksum": file.checksum,
                    "made_on": fields.Datetime.to_string(file.create_date),
                }
                for file in files
            ],
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("record.json", json.dumps(content, indent=1, default=str))
            archive.writestr("record.html", self._as_page(partner, [*records, *told], names))
            for file, path in names.items():
                archive.writestr(path, file.raw or b"")
        return buffer.getvalue()

    def _collect_records(self, partner):
        """Return the patient's records that the user may see, one recordset a model."""
        collected = [(partner | partner.with_context(active_test=False).child_ids).sudo()]
        for name, path in self.env["ccm.patient.data"]._paths().items():
            model = self.env[name].with_context(active_test=False)
            if not path or not model._auto:
                continue
            domain = [(path, "=", partner.id)]
            if name == "account.move":  # also what is no CCM bill
                domain = ["|", *domain, ("partner_id", "=", partner.id)]
            # the rules of the user's practices hold; then each field, whatever its groups
            collected.append(model.search(domain).sudo())
        owners = {found._name: found for found in collected}
        for name, path in BESIDES.items():
            model = self.env[name].with_context(active_test=False).sudo()
            owner = owners[model._fields[path].comodel_name]
            collected.append(model.search([(path, "in", owner.ids)]))
        return [found for found in collected if found]

    def _collect_history(self, records):
        """Return what was written and is to be done on the records."""
        collected = []
        for name, field in (("mail.message", "model"), ("mail.activity", "res_model")):
            model = self.env[name].with_context(active_test=False).sudo()
            found = model.browse()
            for owner in records:
                found |= model.search([(field, "=", owner._name), ("res_id", "in", owner.ids)])
            collected.append(found)
        collected.append(collected[0].tracking_value_ids)
        return [found for found in collected if found]

    def _collect_files(self, records):
        """Return the attachments of the records, also those that hold a field's content."""
        found = model = self.env["ir.attachment"].sudo()
        for owner in records:
            found |= model.search(
                [
                    ("res_model", "=", owner._name),
                    ("res_id", "in", owner.ids),
                    ("res_field", "in", [False, *owner._fields]),
                    ("type", "=", "binary"),
                ]
            )
        return found

    def _as_json(self, record, partner):
        """Return ``{field: value}`` of everything stored in the record."""
        values = {"id": record.id}
        for name, field in record._fields.items():
            if name == "id" or not field.store or field.type == "one2many":
                continue
            value = record[name]
            if field.type == "binary":
                # a file is beside the record; only what is in the row itself is here
                if field.attachment or not value:
                    continue
                value = value.decode() if isinstance(value, bytes) else value
            elif field.type == "many2one":
                value = self._name_of(value, partner)
            elif field.type == "many2many":
                value = [self._name_of(one, partner) for one in value]
            elif field.type in ("date", "datetime"):
                value = field.to_string(value) if value else None
            elif field.type in ("reference", "properties", "many2one_reference"):
                value = record.read([name], load=None)[0][name]
            elif field.type not in ("boolean", "integer", "float", "monetary", "json"):
                value = value or None
            values[name] = value
        return values

    def _name_of(self, record, partner):
        """Return a link in words, unless it leads to another patient's record."""
        if not record:
            return None
        others = self.env["ccm.patient.data"]._by_patient(record)
        if any(patient != partner for patient in others):
            return {"id": record.id}
        return {"id": record.id, "name": record.sudo().display_name}

    def _as_page(self, partner, records, names):
        """Return the same to be read: a page for a browser, without anything from elsewhere."""
        sections = []
        for found in sorted(records, key=lambda found: found._name.startswith(READ_LAST)):
            labels = found.fields_get(attributes=["string", "selection"])
            rows = []
            for record in found:
                values = self._as_json(record, partner)
                cells = [
                    (
                        labels[name]["string"],
                        self._as_text(record._fields[name], value, labels[name]),
                    )
                    for name, value in values.items()
                    if name in labels and value not in (None, False, [], {}, "")
                ]
                rows.append(cells)
            sections.append({"title": found._description, "rows": rows})
        return self.env["ir.qweb"]._render(
            "ccm_module.patient_export_page",
            {
                "partner": partner,
                "sections": sections,
                "files": sorted(names.values()),
                "today": self.env.company._ccm_today(),
            },
        )

    @staticmethod
    def _as_text(field, value, label):
        if field.type == "selection":
            return dict(label.get("selection") or ()).get(value, value)
        if field.type == "html":
            return html2plaintext(value)
        if field.type == "many2one":
            return value.get("name") or f"№ {value['id']}"
        if field.type == "many2many":
            return ", ".join(one.get("name") or f"№ {one['id']}" for one in value)
        if field.type in ("json", "properties"):
            return json.dumps(value, default=str)
        return str(value)
