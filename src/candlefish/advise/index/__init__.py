"""Indexes: candidates of every kind, what-if, selection, price."""
