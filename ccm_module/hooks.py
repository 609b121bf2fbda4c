"""Install hooks: what PostgreSQL must have before the tables, and the bulk data after."""

import logging

_logger = logging.getLogger(__name__)


def pre_init_hook(env):
    """The exclusion constraint on time entries compares a user id inside a GiST index."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def post_init_hook(env):
    """Load the shipped code lists by COPY; far too many rows for XML records."""
    env["ccm.diagnosis"]._load_shipped()
