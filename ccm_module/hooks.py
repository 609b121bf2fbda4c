"""Install hook: what PostgreSQL must have before the tables are made."""


def pre_init_hook(env):
    """The exclusion constraint on time entries compares a user id inside a GiST index."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
