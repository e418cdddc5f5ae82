"""The ways to PostgreSQL that benchmarks/database.py compares, each at its best settings."""
