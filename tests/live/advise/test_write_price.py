"""An index on a column that is updated all the time: its price is said, and it is withheld where it costs more."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from candlefish.advise.advice import Advice
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import scratch_server

pytestmark = [pytest.mark.live, pytest.mark.slow]

SETUP = """
CREATE TABLE visits (id int PRIMARY KEY, seen timestamptz NOT NULL, note text) WITH (fillfactor = 80);
INSERT INTO visits SELECT i, '2026-01-01'::timestamptz + i * interval '1 minute', repeat('x', 60)
FROM generate_series(1, 100000) AS i;
"""

WORKLOAD = """
-- calls_per_hour: 3600
select id from visits where seen > '2026-03-11 10:20+00';
-- calls_per_hour: {updates}
update visits set seen = now() where id = 77;
"""


@pytest.fixture(scope="module")
def visits() -> Iterator[str]:
    with scratch_server({}) as server:
        dsn = server.conninfo()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SETUP)
            connection.execute("VACUUM ANALYZE visits")
        yield dsn


def ask(dsn: str, folder: Path, updates: int) -> Advice:
    file = folder / "statements.sql"
    file.write_text(WORKLOAD.format(updates=updates))
    return advise(dsn, AdviseOptions(workload=file))


def test_the_price_of_an_index_on_a_hot_column_says_what_becomes_of_hot_updates_and_wal(
    visits: str, tmp_path: Path
) -> None:
    (one,) = ask(visits, tmp_path, updates=2000).recommendations
    price = one.write_price
    assert "seen" in one.statement
    assert price is not None
    assert price.measured
    assert price.hot_ratio_before is not None
    assert price.hot_ratio_after is not None
    assert price.hot_ratio_before > 0.5
    assert price.hot_ratio_after < 0.1
    assert price.wal_factor_update > 1.2
    assert price.ms_per_hour > 0


def test_it_is_withheld_where_the_workload_would_be_slower_as_a_whole(visits: str, tmp_path: Path) -> None:
    advice = ask(visits, tmp_path, updates=50_000_000)
    assert not [one for one in advice.recommendations if "seen" in one.statement]
    (withheld,) = [one for one in advice.withheld if "seen" in one.statement]
    assert "costs those who write" in withheld.reason
