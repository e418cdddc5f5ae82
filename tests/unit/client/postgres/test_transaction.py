"""How a transaction is begun."""

from typing import Any

import pytest

from candlefish.client.postgres.transaction import Isolation, make_kind
from candlefish.errors import UsageError


@pytest.mark.parametrize(
    ("isolation", "readonly", "deferrable", "begin"),
    [
        (None, False, False, "begin"),
        ("read_committed", False, False, "begin isolation level read committed"),
        ("repeatable_read", True, False, "begin isolation level repeatable read read only"),
        ("serializable", True, True, "begin isolation level serializable read only deferrable"),
    ],
)
def test_a_transaction_begins_as_it_was_asked_for(
    isolation: Isolation | None, readonly: bool, deferrable: bool, begin: str
) -> None:
    assert make_kind(isolation, readonly, deferrable) == (begin, readonly)


@pytest.mark.parametrize("isolation", ["serialisable", "read committed", "SERIALIZABLE", "", 1])
def test_an_isolation_that_there_is_not_is_named_with_those_there_are(isolation: Any) -> None:
    with pytest.raises(UsageError) as refused:
        make_kind(isolation)
    assert repr(isolation) in refused.value.message
    assert "read_committed, repeatable_read, serializable" in refused.value.hint
