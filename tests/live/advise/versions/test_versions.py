"""Servers of other major versions: the catalog is read, and what can't be done there is said."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.live.client.versions.servers import Servers, running

from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.statements import Table

pytestmark = [pytest.mark.live, pytest.mark.slow]

SETUP = """
CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, total numeric);
INSERT INTO orders SELECT i, i % 5000, i % 100 FROM generate_series(1, 100000) AS i;
CREATE INDEX twice_1 ON orders (total);
CREATE INDEX twice_2 ON orders (total);
"""


@pytest.fixture(scope="module", params=(13, 14, 16, 17, 18), ids=lambda major: f"postgresql-{major}")
def version(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with running(request.param) as servers:
        with psycopg.connect(servers.primary_url, autocommit=True) as connection:
            connection.execute(SETUP)
            connection.execute("VACUUM ANALYZE orders")
        yield servers


def test_the_catalog_is_read(version: Servers) -> None:
    with psycopg.connect(version.primary_url, autocommit=True) as connection:
        catalog = load_catalog(connection)
    orders = catalog.tables[Table("public", "orders")]
    assert catalog.server_version // 10000 == version.major
    assert orders.rows == 100000
    assert {one.name for one in orders.indexes} == {"orders_pkey", "twice_1", "twice_2"}


def test_advice_is_given_or_what_is_missing_is_said(version: Servers, tmp_path: Path) -> None:
    file = tmp_path / "w.sql"
    file.write_text("select * from orders where customer = 77;")
    found = advise(version.primary_url, AdviseOptions(workload=file))
    if version.major <= 15:  # what the lab's own version reads
        assert any('("customer")' in one.statement for one in found.recommendations)
    else:
        assert any(f"the database runs PostgreSQL {version.major}" in one for one in found.left_out)
        assert any("no new index was looked for" in one for one in found.left_out)
    assert any("twice_" in one.name for one in found.recommendations if one.kind == "drop index")
