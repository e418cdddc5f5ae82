import re
from random import Random

import pytest

from candlefish.demo.keyspace import Pick, keyspace
from candlefish.demo.operations import WEIGHTS, operations
from candlefish.demo.queries import Query
from candlefish.demo.reads import READS, Read

QUERIES = [(read, query) for read in READS for query in read.queries]


def placeholders(sql: str) -> int:
    return max((int(number) for number in re.findall(r"\$(\d+)", sql)), default=0)


def test_the_weights_make_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(100)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    found = operations({"scale": 1})
    assert len({operation.name for operation in found}) == len(found) >= 25
    assert all(operation.description for operation in found)


def test_reads_and_writes_are_mixed_as_products_mix_them() -> None:
    found = operations()
    reads = sum(operation.weight for operation in found if operation.kind == "read")
    assert 75 < reads < 90


@pytest.mark.parametrize(("read", "query"), QUERIES, ids=[f"{read.name}-{n}" for n, (read, _) in enumerate(QUERIES)])
def test_every_query_gets_as_many_arguments_as_it_has_placeholders(read: Read, query: Query) -> None:
    arguments = read.arguments(Pick(keyspace(1.0), Random(1)))
    assert max(query.uses, default=-1) < len(arguments)
    for sql in filter(None, (query.before, query.after)):
        assert placeholders(sql) == len(query.uses)


def test_only_the_optimised_database_is_asked_for_functions_and_views() -> None:
    made = ("get_user_dashboards", "get_service_health_batch", "dashboard_stats", "user_activity_summary")
    for _, query in QUERIES:
        assert not any(name in query.sql(optimised=False) for name in made)
    after = " ".join(query.sql(optimised=True) for _, query in QUERIES)
    assert all(name in after for name in made)


def test_cached_reads_have_prefixes_of_their_own() -> None:
    prefixes = [query.cache for _, query in QUERIES if query.cache]
    assert len(set(prefixes)) == len(prefixes) == 4
