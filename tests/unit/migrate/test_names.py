"""Which names a loaded database may have."""

import pytest

from candlefish.errors import UsageError
from candlefish.migrate.names import LONGEST, require_name


@pytest.mark.parametrize("name", ["pagila", "candlefish", "_x1", "read", "mainframe", "x" * LONGEST])
def test_a_plain_name_is_taken(name: str) -> None:
    require_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "1st", "Pagila", "a-b", "a b", 'a"b', "a;drop", "ü", "x" * (LONGEST + 1), "postgres", "template1",
        "pgbouncer", "shop_main", "shop_read", "shop_read_2", "shop_session", "shop_analytics", "shop__loading",
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_served_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        require_name(name)
    assert caught.value.hint
