"""A gap that nobody has dealt with yet, kept as the publication's comment: it outlives a reader that is killed."""

from psycopg import sql

from candlefish.changes.source import Connection, Source, connect

_MARK = "candlefish: gap: "


def note_gap(connection: Connection, source: Source, reason: str) -> None:
    """Keep why changes were missed."""
    _comment(connection, source, f"{_MARK}{reason}")


def fetch_gap(connection: Connection, source: Source) -> str:
    """Return why changes were missed, "" when there is no gap."""
    row = connection.execute(
        "select obj_description(oid, 'pg_publication') from pg_publication where pubname = %s", [source.publication]
    ).fetchone()
    text = str(row[0]) if row and row[0] else ""
    return text.removeprefix(_MARK) if text.startswith(_MARK) else ""


def close_gap(source: Source) -> None:
    """Note that the gap has been dealt with."""
    with connect(source) as connection:
        if fetch_gap(connection, source):
            _comment(connection, source, None)


def _comment(connection: Connection, source: Source, text: str | None) -> None:
    statement = sql.SQL("comment on publication {} is {}").format(sql.Identifier(source.publication), text)
    connection.execute(statement)
