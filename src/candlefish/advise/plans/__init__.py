"""Plans: what EXPLAIN says of a statement, and what that tells about the indexes it could use.

PostgreSQL itself resolves names, views, functions, row-level security and partitions; what it prints is fully
parenthesised and always of the same form, so it is read instead of the statement's own text.
"""
