"""The local tier: entries in this process's own memory, kept true by Redis."""
