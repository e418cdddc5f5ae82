"""The database's committed changes, read from its logical replication stream, as invalidations of a cache."""
