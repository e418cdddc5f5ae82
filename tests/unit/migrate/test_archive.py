"""What is read from pg_restore's lines."""

from candlefish.migrate.archive import RestoreLog
from candlefish.migrate.model import NotTaken, Outcome

ALREADY_THERE = """\
pg_restore: processing item 888 DOMAIN year
pg_restore: creating DOMAIN "public.year"
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 888; 1247 16388 DOMAIN year postgres
pg_restore: error: could not execute query: ERROR:  type "year" already exists
Command was: CREATE DOMAIN public.year AS integer
\tCONSTRAINT year_check CHECK (((VALUE >= 1901)));


pg_restore: processing item 217 TABLE actor
pg_restore: warning: errors ignored on restore: 1
"""


def read(text: str) -> tuple[RestoreLog, Outcome]:
    """Read lines as pg_restore writes them."""
    log = RestoreLog()
    for line in text.splitlines():
        log.read(line)
    return log, log.finish()


def test_a_failed_item_is_named_with_its_reason() -> None:
    log, outcome = read(ALREADY_THERE)
    assert outcome.failures == [NotTaken("statement", "DOMAIN year postgres", 'type "year" already exists')]
    assert log.fatal == ""


def test_items_are_counted_once() -> None:
    log, _ = read("pg_restore: launching item 5 TABLE DATA a\npg_restore: finished item 5 TABLE DATA a")
    assert log.done == 1


def test_a_missing_extension_comes_with_the_package_that_has_it() -> None:
    _, outcome = read(
        "pg_restore: from TOC entry 2; 3079 1 EXTENSION postgis (no owner)\n"
        'pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available\n'
        'DETAIL:  Could not open extension control file "/usr/share/postgresql/15/extension/postgis.control".\n'
        "Command was: CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;\n"
    )
    assert [(one.what, one.subject) for one in outcome.failures] == [("extension", "postgis")]
    assert "postgresql-15-postgis-3" in outcome.failures[0].hint


def test_data_that_does_not_fit_is_told_from_statements() -> None:
    _, outcome = read(
        "pg_restore: from TOC entry 3; 0 5 TABLE DATA film alice\n"
        'pg_restore: error: COPY failed for table "film": ERROR:  invalid input syntax for type integer: "x"\n'
        "CONTEXT:  COPY film, line 1\n"
        "pg_restore: warning: errors ignored on restore: 1\n"
    )
    assert [(one.what, one.reason) for one in outcome.failures] == [
        ("data", 'invalid input syntax for type integer: "x"')
    ]


def test_an_error_that_ends_the_restore_is_kept() -> None:
    log, _ = read("pg_restore: error: could not find block ID 3708 in archive -- possibly corrupt archive")
    assert "possibly corrupt" in log.fatal
