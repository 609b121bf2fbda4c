from odoo import api, models


class Shown(str):
    """Marks, in the context, a read that is part of another.

    No client can send one, for JSON has only strings, and no string is equal to it. It is a string
    all the same, so that a context with it goes wherever contexts go.
    """

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__


SHOWN = Shown("shown")


class Base(models.AbstractModel):
    """Whoever opens or exports a patient's record is in the access log, of whichever model it is.

    An opening is what a form asks for: the values of one record. Pages of lists and boards, and
    what a form shows of other records, are none.
    """

    _inherit = "base"

    @api.readonly
    def web_read(self, specification):
        shown = self._ccm_shown()
        values = super(Base, shown).web_read(specification)
        if shown is not self and self._ccm_is_form(specification):
            self.env["ccm.access.log"]._log("open", self)
        return values

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, *args, **kwargs):
        shown = self._ccm_shown()
        return super(Base, shown).web_search_read(domain, specification, *args, **kwargs)

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        return super(Base, self._ccm_shown()).web_read_group(domain, groupby, *args, **kwargs)

    def export_data(self, fields_to_export):
        exported = super().export_data(fields_to_export)
        self.env["ccm.access.log"]._log("export", self)
        return exported

    # === HELPERS === #
    def _ccm_shown(self):
        """Return self so that what is read with it is no opening of its own; self if it is none."""
        if (
            self._name not in self.env["ccm.patient.data"]._paths()
            or self.env.context.get("ccm_shown") is SHOWN
        ):
            return self
        return self.with_context(ccm_shown=SHOWN)

    def _ccm_is_form(self, specification):
        if len(self) != 1 or not self.id:
            return False
        # a patient is also a contact like any other, for those who see no more than that
        return self._name != "res.partner" or any(name.startswith("ccm_") for name in specification)
