"""Move databases: `load` takes a dump or a running server into the tier."""
