"""Which statements of a dump run."""

import pytest

from candlefish.migrate.policy import decide_command, decide_statement, is_harmless


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("ALTER TABLE public.film OWNER TO alice", "owners"),
        ('ALTER FUNCTION public.f(integer, text) OWNER TO "Al Ice"', "owners"),
        ("GRANT SELECT ON TABLE public.film TO bob", "grants"),
        ("revoke all on schema public from public", "grants"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE alice GRANT SELECT ON TABLES TO bob", "grants"),
        ("CREATE ROLE alice", "roles"),
        ("ALTER ROLE alice WITH SUPERUSER PASSWORD 'x'", "roles"),
        ("SET SESSION AUTHORIZATION 'alice'", "roles"),
        ("SET ROLE alice", "roles"),
        ("RESET SESSION AUTHORIZATION", "roles"),
        ("CREATE DATABASE pagila WITH TEMPLATE = template0", "database statements"),
        ("DROP DATABASE IF EXISTS candlefish", "database statements"),
        ("ALTER DATABASE pagila SET search_path TO 'a'", "database statements"),
        ("COMMENT ON DATABASE pagila IS 'x'", "database statements"),
        ("CREATE TABLESPACE fast LOCATION '/x'", "tablespaces"),
        ("SET default_tablespace = fast", "tablespaces"),
        ("CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p", "subscriptions"),
        ("COPY (SELECT 1) TO STDOUT", "copies to the screen"),
        ("SET transaction_timeout = 0", "settings of a newer version"),
    ],
)
def test_what_a_tier_has_its_own_of_is_left_out(statement: str, kind: str) -> None:
    decision = decide_statement(statement.encode())
    assert (decision.action, decision.why) == ("leave out", kind)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER SYSTEM SET archive_command = 'rm'",
        "COPY t FROM PROGRAM 'rm'",
        "copy (select 1) to program 'rm'",
        "COPY t FROM '/etc/passwd'",
        "COPY t (a) TO E'/tmp/x'",
        "LOAD '/tmp/x.so'",
    ],
)
def test_what_reaches_outside_the_database_is_refused(statement: str) -> None:
    assert decide_statement(statement.encode()).action == "refuse"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE owners (to_owner text)",
        "INSERT INTO grants VALUES ('ALTER SYSTEM OWNER TO x')",
        "ALTER TABLE t ADD COLUMN owner text",
        "ALTER TABLE ONLY public.film ADD CONSTRAINT film_pkey PRIMARY KEY (film_id)",
        "CREATE USER MAPPING FOR CURRENT_USER SERVER s",
        "COPY t FROM stdin",
        "COPY t FROM stdin WITH (FORMAT csv, DELIMITER ';')",
        "SET default_tablespace = ''",
        "SET default_table_access_method = heap",
        "SET session_replication_role = replica",
        "CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public",
        "COMMENT ON COLUMN t.database IS 'x'",
    ],
)
def test_everything_else_runs(statement: str) -> None:
    assert decide_statement(statement.encode()).action == "run"


@pytest.mark.parametrize(
    "name", ["!", "copy", "i", "ir", "include", "o", "w", "gexec", "g", "setenv", "cd", "lo_import"]
)
def test_no_psql_command_with_an_effect_is_accepted(name: str) -> None:
    assert decide_command(name).action == "refuse"


@pytest.mark.parametrize("name", ["restrict", "unrestrict", "connect", "set", "echo"])
def test_what_pg_dump_writes_for_psql_is_passed_over(name: str) -> None:
    assert decide_command(name).action == "leave out"


def test_a_drop_in_a_new_database_may_fail() -> None:
    assert is_harmless(b"DROP TABLE public.film", "42P01")
    assert is_harmless(b"ALTER TABLE ONLY public.film DROP CONSTRAINT film_pkey", "42P01")
    assert not is_harmless(b"CREATE TABLE public.film ()", "42P01")
    assert not is_harmless(b"DROP TABLE public.film", "53100")
