"""Advice as migrations, run by the real Alembic and the real Django: up builds, down returns to the start."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.live.advise.apply.dump import dump_schema

from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.apply.apply import apply
from candlefish.advise.apply.build import Patience
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table
from candlefish.report.alembic_revision import render_alembic
from candlefish.report.django_migration import render_django

pytestmark = pytest.mark.live

Migrate = Callable[..., subprocess.CompletedProcess[str]]

ODD = r"note <> ' :a 50% :b: \:c %s {d} ''e'' ::f' AND note <> 'x:y' AND id::text <> ':1'"
"""What Alembic, Django and their drivers could take for parameters."""

ALEMBIC_FIRST = 'revision = "start"\ndown_revision = None\ndef upgrade(): pass\ndef downgrade(): pass\n'

DJANGO_FIRST = "from django.db import migrations\nclass Migration(migrations.Migration): operations = []\n"

DJANGO_SETTINGS = """
SECRET_KEY = "none"
INSTALLED_APPS = ["shop"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "HOST": "{host}", "USER": "postgres",
              "NAME": "{dbname}"}}}}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    python = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{python}:{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def changes(connection: Connection) -> tuple[Recommendation, ...]:
    """A partial index with an odd predicate, one on a partitioned table, and one that goes."""
    connection.execute('CREATE INDEX "twice :n" ON orders (total)')
    catalog = load_catalog(connection)
    proof = Proof(size_bytes=0, confidence="low", measured=False)
    odd = Index(Table("public", "orders"), (Key("customer"),), where=ODD)
    made = recommend(odd, proof, catalog)
    parts = recommend(Index(Table("public", "events"), (Key("kind"),)), proof, catalog)
    gone = replace(
        made,
        id="d00d1e",
        kind="drop index",
        undo='CREATE INDEX CONCURRENTLY "twice :n" ON public.orders USING btree (total)',
        steps=(Step('DROP INDEX CONCURRENTLY "public"."twice :n"', ("public", "twice :n")),),
    )
    return made, parts, gone


@pytest.fixture
def alembic(dsn: str, tmp_path: Path, changes: tuple[Recommendation, ...]) -> Migrate:
    """An Alembic environment as `alembic init` makes it, with one revision, and ours after it."""
    done = run(tmp_path, "alembic", "init", "migrations")
    assert done.returncode == 0, done.stderr
    parts = conninfo_to_dict(dsn)
    ini = tmp_path / "alembic.ini"
    url = f"postgresql+psycopg://postgres@/{parts['dbname']}?host={parts['host']}"
    lines = ini.read_text().splitlines()
    ini.write_text(
        "\n".join(f"sqlalchemy.url = {url}" if line.startswith("sqlalchemy.url") else line for line in lines)
    )
    versions = tmp_path / "migrations" / "versions"
    (versions / "start.py").write_text(ALEMBIC_FIRST)
    (versions / "indexes.py").write_text(render_alembic(changes, "start"))
    return lambda *words: run(tmp_path, "alembic", *words)


@pytest.fixture
def django(dsn: str, tmp_path: Path, changes: tuple[Recommendation, ...]) -> Migrate:
    """A Django project with one app that has one migration, and ours after it."""
    (tmp_path / "settings.py").write_text(DJANGO_SETTINGS.format(**conninfo_to_dict(dsn)))
    migrations = tmp_path / "shop" / "migrations"
    migrations.mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    (migrations / "__init__.py").touch()
    (migrations / "0001_initial.py").write_text(DJANGO_FIRST)
    (migrations / "0002_indexes.py").write_text(render_django(changes, "shop.0001_initial"))
    return lambda *words: run(tmp_path, "python", "-m", "django", *words, "--settings=settings")


def built(connection: Connection) -> dict[str, tuple[bool, int]]:
    """Return the indexes: whether each is valid, and the file that it lies in."""
    rows = connection.execute(
        "SELECT c.relname, i.indisvalid, c.relfilenode FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '^(alembic|django)'"
    ).fetchall()
    return {str(name): (bool(valid), int(file)) for name, valid, file in rows}


def check_up_and_down(
    server: ScratchServer, connection: Connection, changes: tuple[Recommendation, ...], up: Migrate, down: Migrate
) -> None:
    dsn, before = connection.info.dsn, built(connection)
    start = dump_schema(server, dsn)
    done = up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(built(connection)) == len(before) + 1 + 5 - 1
    assert all(valid for valid, _ in built(connection).values())
    (predicate,) = connection.execute(
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = to_regclass(%s)", (changes[0].name,)
    ).fetchone() or ("",)
    assert r"' :a 50% :b: \:c %s {d} ''e'' ::f'" in predicate
    done = down()
    assert done.returncode == 0, done.stdout + done.stderr
    assert dump_schema(server, dsn) == start
    assert built(connection).keys() == before.keys()


def test_alembic_goes_up_and_returns_to_the_start(
    server: ScratchServer, connection: Connection, alembic: Migrate, changes: tuple[Recommendation, ...]
) -> None:
    assert alembic("upgrade", "start").returncode == 0
    check_up_and_down(
        server, connection, changes, lambda: alembic("upgrade", "head"), lambda: alembic("downgrade", "start")
    )


def test_django_goes_up_and_returns_to_the_start(
    server: ScratchServer, connection: Connection, django: Migrate, changes: tuple[Recommendation, ...]
) -> None:
    assert django("migrate", "shop", "0001").returncode == 0
    check_up_and_down(
        server, connection, changes, lambda: django("migrate", "shop"), lambda: django("migrate", "shop", "0001")
    )
    drift = django("makemigrations", "--check", "--dry-run")
    assert drift.returncode == 0, drift.stdout + drift.stderr


def test_alembic_writes_the_same_statements_where_it_does_not_connect(
    dsn: str, connection: Connection, alembic: Migrate, changes: tuple[Recommendation, ...]
) -> None:
    done = alembic("upgrade", "start:head", "--sql")
    assert done.returncode == 0, done.stderr
    wanted = changes[0].statement.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS", 1)
    assert f"{wanted};" in done.stdout


@pytest.mark.parametrize("tool", ["alembic", "django"])
def test_what_an_attempt_before_left_is_finished(
    tool: str, connection: Connection, request: pytest.FixtureRequest, changes: tuple[Recommendation, ...]
) -> None:
    migrate: Migrate = request.getfixturevalue(tool)
    made, parts, _ = changes
    connection.execute(made.statement.encode())
    connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)", (made.name,))
    for step in parts.steps[:2]:
        connection.execute(step.statement.encode())
    done = migrate("upgrade", "head") if tool == "alembic" else migrate("migrate", "shop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(valid for valid, _ in built(connection).values())


def test_what_was_applied_before_stays_as_it_is(
    dsn: str, connection: Connection, alembic: Migrate, changes: tuple[Recommendation, ...]
) -> None:
    apply(dsn, changes, Patience(wait_s=30))
    before = built(connection)
    done = alembic("upgrade", "head")
    assert done.returncode == 0, done.stderr
    assert built(connection) == before


@pytest.mark.parametrize("tool", ["alembic", "django"])
def test_a_migration_whose_place_was_not_named_builds_nothing(
    tool: str, dsn: str, tmp_path: Path, request: pytest.FixtureRequest, changes: tuple[Recommendation, ...]
) -> None:
    migrate: Migrate = request.getfixturevalue(tool)
    if tool == "alembic":
        (tmp_path / "migrations" / "versions" / "indexes.py").write_text(render_alembic(changes))
        done = migrate("upgrade", "head")
    else:
        (tmp_path / "shop" / "migrations" / "0002_indexes.py").write_text(render_django(changes))
        done = migrate("migrate", "shop")
    assert done.returncode != 0
    assert "PUT" in done.stdout + done.stderr
    with psycopg.connect(dsn) as connection:
        assert changes[0].name not in built(connection)
