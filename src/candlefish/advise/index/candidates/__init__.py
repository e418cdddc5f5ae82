"""Indexes that a statement could use, one kind a file; which are worth it is found out later."""
