"""Readers of the files that CDC, AHRQ and CMS publish: bytes in, rows and problems out.

No ORM and no database; only Odoo's lazy translation of what is wrong. Each ``read`` takes the
lines of ``base.decode`` and returns a ``base.Reading``: either all its rows are good, or it lists
every problem with its line.
"""
