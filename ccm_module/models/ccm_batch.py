"""What batch jobs have in common: a collision is run again, a record that fails is left out."""

import logging

from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

ATTEMPTS = 5


def retry(env, work):
    """Run one batch; when PostgreSQL says that two transactions met, again in a fresh one."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            result = work()
            env.flush_all()
            return result
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == ATTEMPTS:
                raise
            _logger.info("A batch met another transaction, trying again")
            env.cr.rollback()
            env.invalidate_all(flush=False)
    return None


def sparing(records, work):
    """Do ``work(records)``; where that fails, for one after the other, leaving out who fails.

    What PostgreSQL says of two transactions that met is not held against a record: it is raised,
    for ``retry``. The log gets the record's id and the kind of the error; its words may be health
    data. A UserError is for the person who mends it, so no more than a line of information.
    """
    try:
        with records.env.cr.savepoint():
            work(records)
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception as error:
        if len(records) > 1:
            for record in records:
                sparing(record, work)
            return
        level = logging.INFO if isinstance(error, UserError) else logging.ERROR
        _logger.log(level, "%s %s is left out: %s", records._name, records.id, type(error).__name__)
