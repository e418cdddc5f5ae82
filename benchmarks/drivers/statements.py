"""The three operations that every driver carries out, and the tables that they need."""

import psycopg

ACCOUNTS = 100_000
"""Rows that are read by key: 13 MB, all of it in PostgreSQL's memory."""

TABLES = f"""
create table accounts (id bigint primary key, balance bigint not null, note text not null);
create table entries (id bigint generated always as identity, account bigint not null, amount bigint not null);
insert into accounts select n, 0, repeat('x', 80) from generate_series(1, {ACCOUNTS}) n;
analyze accounts;
"""

SELECT = "select id, balance, note from accounts where id = $1"
INSERT = "insert into entries (account, amount) values ($1, 1)"
UPDATE = "update accounts set balance = balance + 1 where id = $1"

OPERATIONS = ("select", "insert", "transaction")
"""A row by its key; one row in; BEGIN, an update, an insert, COMMIT."""


def make_tables(url: str) -> None:
    """Make and fill the tables."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
