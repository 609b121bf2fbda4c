"""Install hook: what PostgreSQL must have before the tables are made."""


def pre_init_hook(env):
    """Two extensions that every PostgreSQL brings along and a database's owner may switch on."""
    # the exclusion constraint on time entries compares a user id inside a GiST index
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    # the search for a diagnosis by words
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
