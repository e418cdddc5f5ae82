"""Which statements may wait long for a lock: those behind which nobody waits."""

import pytest

from candlefish.advise.apply.patiently import _CONCURRENT


@pytest.mark.parametrize(
    ("statement", "concurrent"),
    [
        ("CREATE INDEX CONCURRENTLY a ON b (c)", True),
        ("CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)", True),
        ("DROP INDEX CONCURRENTLY IF EXISTS a", True),
        ('REINDEX INDEX CONCURRENTLY "a"."b"', True),
        ("CREATE INDEX \"x\" ON ONLY b (c) WHERE note = 'INDEX CONCURRENTLY '", False),
        ('DROP INDEX IF EXISTS "a"." CONCURRENTLY "', False),
        ('ALTER INDEX "a"."b" ATTACH PARTITION "a"."c"', False),
    ],
)
def test_a_statement_is_concurrent_by_its_first_words(statement: str, concurrent: bool) -> None:
    assert (_CONCURRENT.match(statement) is not None) is concurrent
