"""PgBouncer in a container: what `python -m candlefish.pooler` does there (run, health, bootstrap, rotate)."""
