"""Corrections: what a finished entry said before, who changed it, and why."""

from datetime import UTC

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from ..seal import digest
from .ccm_activity import DRAFT_FIELDS, UNFINISHED, epoch

# What is kept of a finished entry when it changes, and of that, what needs a reason to change.
KEPT_FIELDS = (
    "partner_id",
    "user_id",
    "type_id",
    "start",
    "stop",
    "outcome",
    "note",
    "reason",
    "state",
)
REASON_FIELDS = {"partner_id", "user_id", "type_id", "start", "stop"}


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === ACTIONS === #
    def action_correct(self):
        """Open the dialog that corrects a finished entry."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct Time"),
            "res_model": "ccm.activity.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_activity_id": self.id},
        }

    # === HELPERS === #
    def _prepare_correction(self, vals, why):
        """Complete what a person changes; refuse a correction that does not say why.

        :param dict vals: values for ``write``
        :param str why: the reason given
        """
        why = (why or "").strip()
        changes = set().union(*(record._changed_names(vals) for record in self))
        if changes & {"partner_id", "user_id", "start", "stop"} and any(
            record.state in UNFINISHED for record in self
        ):
            raise UserError(self.env._("Stop the timer first, then correct the time."))
        described = any(record.state == "done" and not record.to_describe for record in self)
        if changes & (REASON_FIELDS if described else REASON_FIELDS - {"type_id"}) and not why:
            raise ValidationError(
                self.env._(
                    "A correction of Patient, Done By, Kind, Start or Stop needs a reason: fill in"
                    " Why Corrected."
                )
            )
        if changes & {"start", "stop"}:
            # What somebody typed is no longer what the timer measured.
            vals = {**vals, "source": "manual"}
            if not any(record.reason or record.note for record in self):
                vals.setdefault("reason", why)
        if (vals.get("note") or "").strip():
            vals = {**vals, "to_describe": False}
        return vals

    def _spared_keys(self, vals, keys):
        """Return those patient-months of ``keys`` that are billed, where ``vals`` are first words.

        Time that nobody has described yet may be described even then: words change no bill.

        :raises UserError: the kind of work would change what counts
        """
        if vals.keys() - DRAFT_FIELDS - {"to_describe"}:
            return set()
        if not all(record.state == "done" and record.to_describe for record in self):
            return set()
        # sudo: the bill is not the nurse's to see, but she is told that there is one
        months = self.env["ccm.month"].sudo()
        billed = months.search(
            [("partner_id", "in", self.partner_id.ids), ("state", "=", "invoiced")]
        )
        taken = {(month.partner_id.id, month.month) for month in billed}
        spared = {key for key in keys if key[1:] in taken}
        kind = self.env["ccm.activity.type"].browse(vals.get("type_id") or [])
        if spared and kind and any(kind.counts != record.counts for record in self):
            raise UserError(
                self.env._(
                    "This time lies in a month that is invoiced already, so it must go on counting"
                    " as it did: choose a kind like %s.",
                    self[:1].type_id.name,
                )
            )
        return spared

    def _changed_names(self, vals):
        """Return the names of the fields that ``vals`` would change on this entry."""
        self.ensure_one()
        return {
            name
            for name in REASON_FIELDS & vals.keys()
            if self[name]
            != self._fields[name].convert_to_record(
                self._fields[name].convert_to_cache(vals[name], self), self
            )
        }

    def _shown_values(self):
        """Return ``{entry: {field: (words, exact)}}`` of all that is kept when it changes."""
        return {
            record: {
                name: (record._shown_value(name), record._exact_value(name))
                for name in KEPT_FIELDS
                # what nobody has described yet is a draft
                if not (record.to_describe and name in DRAFT_FIELDS)
            }
            for record in self.sudo()
            if record.state not in UNFINISHED
        }

    def _shown_value(self, name):
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "datetime":
            return self._exact_time(value) if value else ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or ""
        return value or ""

    def _exact_value(self, name):
        """Return a value as the seal knows it: see ``seal.py``."""
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return value.id and str(value.id)
        if field.type == "datetime":
            return value and str(epoch(value))
        return value if field.type == "selection" else digest(value)

    def _exact_time(self, moment):
        """Return a moment in the practice's zone, exact and unmistakable when clocks go back."""
        local = moment.replace(tzinfo=UTC).astimezone(self.company_id._ccm_zone())
        return local.strftime("%Y-%m-%d %H:%M:%S %Z")

    def _keep_revisions(self, old, why):
        """Keep what changed against ``old`` (see ``_shown_values``), with who and why."""
        rows = []
        for record, before in old.items():
            for name, (old_value, old_exact) in before.items():
                new_value, new_exact = record._shown_value(name), record._exact_value(name)
                if new_value != old_value:
                    rows.append(
                        {
                            "activity_id": record.id,
                            "field_name": name,
                            "old_value": old_value,
                            "new_value": new_value,
                            "old_exact": old_exact,
                            "new_exact": new_exact,
                            "why": why,
                            "user_id": self.env.uid,
                            "moment": fields.Datetime.now(),
                        }
                    )
        if rows:
            # sudo: nobody writes the history by hand
            self.env["ccm.activity.revision"].sudo().create(rows)
