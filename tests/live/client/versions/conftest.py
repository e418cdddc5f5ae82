"""Each major version of PostgreSQL in turn, with an empty database for each test."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.live.client.versions.servers import Servers, running

MAJORS = (13, 14, 15, 16, 17, 18)


@pytest.fixture(scope="session", params=MAJORS, ids=lambda major: f"postgresql-{major}")
def version(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Give a primary and a replica of one version."""
    with running(request.param) as servers:
        yield servers


@pytest.fixture
def servers(version: Servers) -> Servers:
    """Give the two without a table in them."""
    with psycopg.connect(version.primary_url, autocommit=True, options="-c lock_timeout=10s") as admin:
        admin.execute("drop schema public cascade")
        admin.execute("create schema public")
    return version
