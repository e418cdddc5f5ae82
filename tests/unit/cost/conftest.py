"""The prices that come with candlefish, and a day on which they are fresh."""

from datetime import date

import pytest

from candlefish.cost.model import Snapshot
from candlefish.cost.snapshot import load_packaged

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def prices() -> Snapshot:
    return load_packaged("us-east-1")


@pytest.fixture
def today() -> date:
    return TODAY
