"""Databases that have their indexes: only what measuring confirms is advised, and nothing at all to pgbench's."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.foreign import foreign_database

from candlefish import process
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import ScratchServer

pytestmark = [pytest.mark.live, pytest.mark.slow]

OF_PAGILA = """
-- calls_per_hour: 3000
SELECT * FROM customer WHERE customer_id = 42;
-- calls_per_hour: 900
SELECT f.film_id, f.title, f.rental_rate FROM film f JOIN film_actor a USING (film_id) WHERE a.actor_id = 17;
-- calls_per_hour: 700
SELECT film_id, title FROM film WHERE title = 'ACADEMY DINOSAUR';
-- calls_per_hour: 500
SELECT r.rental_id, r.rental_date, i.film_id FROM rental r JOIN inventory i USING (inventory_id)
WHERE r.customer_id = 42 AND r.return_date IS NULL;
-- calls_per_hour: 400
SELECT film_id, title FROM film WHERE fulltext @@ to_tsquery('english', 'drama & teacher');
-- calls_per_hour: 300
SELECT sum(amount) FROM payment WHERE customer_id = 42;
-- calls_per_hour: 200
SELECT last_name, first_name FROM customer WHERE last_name = 'SMITH';
-- calls_per_hour: 100
SELECT inventory_id FROM inventory WHERE store_id = 1 AND film_id = 7;
-- calls_per_hour: 20
SELECT date_trunc('day', payment_date) AS day, sum(amount) FROM payment GROUP BY 1 ORDER BY 1;
-- calls_per_hour: 1000
INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id) VALUES (now(), 7, 42, 1);
-- calls_per_hour: 900
UPDATE rental SET return_date = now() WHERE rental_id = 1500;
"""


@pytest.fixture
def database(server: ScratchServer) -> Iterator[str]:
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE well_indexed")
    yield server.conninfo("well_indexed")
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("DROP DATABASE well_indexed WITH (FORCE)")


def run(program: str, *words: str) -> None:
    done = subprocess.run([process.find_binary(program), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_is_advised_to_pgbenchs_own_schema(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        run("pgbench", "--initialize", "--scale=2", "--quiet", database)
        connection.execute("SELECT pg_stat_statements_reset()")
        for script in ("tpcb-like", "simple-update", "select-only"):
            run("pgbench", f"--builtin={script}", "--transactions=500", "--client=2", "--no-vacuum", database)
    found = advise(database, AdviseOptions())
    assert found.statements >= 5
    assert found.recommendations == ()
    assert found.skipped == ()


def test_pagila_is_advised_only_what_measuring_confirms(database: str, tmp_path: Path) -> None:
    run("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={foreign_database('pagila')}", database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    (tmp_path / "w.sql").write_text(OF_PAGILA)
    found = advise(database, AdviseOptions(workload=tmp_path / "w.sql"))
    assert found.skipped == ()
    builds = [one for one in found.recommendations if one.statement.startswith("CREATE")]
    assert all(one.measured and (one.after_ms or 0.0) < (one.before_ms or 0.0) for one in builds)
    served = {effect.text for one in builds for effect in one.effects}
    assert not [text for text in served if "film_id = 7" in text or "customer_id = 42;" in text or "fulltext" in text]
