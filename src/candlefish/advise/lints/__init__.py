"""What is wrong with the indexes, sequences and tables that exist: one file a check, pure functions over the catalog.

`facts.py` alone asks the database: for what the catalog does not hold (use on each replica, age of the statistics,
builds under way, sequences, transaction ids). `run.py` puts all checks together, so that no index is advised away twice
and none that another one is advised away for.
"""
