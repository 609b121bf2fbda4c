"""Refusals that name a patient: told to the person, kept out of the server's log."""

import logging


def unlogged(error):
    """Return ``error`` marked so that Odoo answers it without writing its text into the log.

    Odoo logs every refusal as a warning, and asks the exception itself at which level.
    """
    error.loglevel = logging.DEBUG
    return error
