"""Uniqueness asked before PostgreSQL is."""

from odoo.exceptions import ValidationError
from odoo.fields import Domain


def refuse_second(records, vals_list, names, counts, message, also=()):
    """Refuse values that would break a unique index on ``names``.

    PostgreSQL refuses too, but its refusal quotes the whole row, and Odoo logs it: health data.
    The index stays, for two people at the same moment.

    :param records: those about to be written with the one ``vals_list[0]``, or, empty, the model in
        which ``vals_list`` is about to be created
    :param counts: tells whether a row, a dict of ``names`` and ``also``, is in the index
    :param also: what the condition of the index looks at and its columns do not have
    :raises ValidationError: with ``message``
    """

    records._ccm_check_values(vals_list)  # before they are searched for

    def row_of(record):
        fields = record._fields
        return {
            name: fields[name].convert_to_write(record[name], record) for name in (*names, *also)
        }

    if records:
        rows = [{**row_of(record), **vals_list[0]} for record in records.sudo()]
    else:
        defaults = {**dict.fromkeys((*names, *also)), **records.default_get([*names, *also])}
        rows = [{**defaults, **vals} for vals in vals_list]

    def key_of(row):
        return tuple(row[name] or False for name in names)

    keys = [key_of(row) for row in rows if counts(row)]
    if not keys:
        return
    # sudo, archived too: the index does not ask who may see the other one
    everything = records.sudo().with_context(active_test=False)
    alike = Domain.AND(
        Domain(name, "in", set(found))
        for name, found in zip(names, zip(*keys, strict=True), strict=True)
    )
    others = map(row_of, everything.search(alike) - records)
    taken = {key_of(row) for row in others if counts(row)}
    if len(set(keys)) < len(keys) or not taken.isdisjoint(keys):
        raise ValidationError(message)
