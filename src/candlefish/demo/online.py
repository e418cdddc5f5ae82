"""The optimisation applied online: the load goes on, and what it saw of the change is counted."""



LOAD_RATIO = 0.5
"""Share of R that goes on meanwhile: R is all that Before can bear, and building indexes takes its part of it."""

LONGEST_S = 600.0
"""The load ends with the optimisation; this is only its limit."""

DRAIN_S = 30.0
"""Seconds that the last requests get: slow is not failed."""
