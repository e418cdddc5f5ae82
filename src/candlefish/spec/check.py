"""Contradictions: values that are each possible and can't hold together, or that nothing here can run."""

from collections.abc import Iterator

from candlefish.spec.check_aws import find_aws_contradictions
from candlefish.spec.check_estate import find_estate_contradictions
from candlefish.spec.check_road import find_road_contradictions
from candlefish.spec.limits import (
    ENDPOINTS_ON_ONE_SERVER,
    FIRST_PORT,
    LAST_PORT,
    PORT_SPAN,
    RESERVED_CONNECTIONS,
    pool_room,
)
from candlefish.spec.managed import check_managed
from candlefish.spec.model import PGBOUNCER_PORT, Spec
from candlefish.spec.names import check_database_name
from candlefish.spec.postgres_settings import check_setting
from candlefish.spec.problem import Problem
from candlefish.units import render_bytes


def find_contradictions(spec: Spec) -> tuple[Problem, ...]:
    """Return every contradiction between the fields of a spec."""
    here = (_ports, _database, _nodes, _pools, _memory, _times, _settings, _tls)
    parts = (*here, find_aws_contradictions, find_estate_contradictions, find_road_contradictions)
    return tuple(problem for part in parts for problem in part(spec))


def _ports(spec: Spec) -> Iterator[Problem]:
    base, last = spec.port_base, spec.port_base + PORT_SPAN
    if base < FIRST_PORT or last > LAST_PORT:
        yield Problem(
            ("port_base",),
            f"{base} is not possible: the tier takes {base} to {last}, and ports go from {FIRST_PORT} to {LAST_PORT}"
            " (Linux hands those above to outgoing connections)",
        )
    port = spec.pgbouncer.port
    if port is None:
        port = PGBOUNCER_PORT if base == Spec.model_fields["port_base"].default else last
    elif not FIRST_PORT <= port <= LAST_PORT:
        yield Problem(("pgbouncer", "port"), f"{port} is not possible: from {FIRST_PORT} to {LAST_PORT}")
    if base <= port < last:
        yield Problem(
            ("pgbouncer", "port"),
            f"{port} lies among the ports {base} to {last - 1}, which the tier keeps for its other programs",
            (("port_base",),),
        )


def _database(spec: Spec) -> Iterator[Problem]:
    if message := check_database_name(spec.database):
        yield Problem(("database",), message)


def _nodes(spec: Spec) -> Iterator[Problem]:
    for part, nodes in (("postgres", spec.postgres.nodes), ("redis", spec.redis.nodes)):
        if spec.light and nodes > 1:
            yield Problem((part, "nodes"), f"{nodes} nodes contradict light = true, which has one", (("light",),))
    synchronous = spec.postgres.synchronous
    if synchronous == "strict" and spec.postgres.nodes == 1:
        yield Problem(
            ("postgres", "synchronous"),
            '"strict" needs a second node to confirm each write, and there is one: nothing could be written',
            (("postgres", "nodes"), ("light",)),
        )
    commit = str(spec.postgres.settings.get("synchronous_commit", "on")).lower()
    if synchronous == "strict" and commit in ("off", "false", "local"):
        yield Problem(
            ("postgres", "settings", "synchronous_commit"),
            f'{commit!r} contradicts postgres.synchronous = "strict": no write would wait for the standby',
            (("postgres", "synchronous"),),
        )


def _pools(spec: Spec) -> Iterator[Problem]:
    pooler, most = spec.pgbouncer, spec.postgres.max_connections
    given = pooler.model_fields_set
    room = pool_room(most)
    servers, size = ("pgbouncer", "max_server_connections"), ("pgbouncer", "pool_size")
    if pooler.pool_size > pooler.max_server_connections and "pool_size" in given:
        yield Problem(
            size,
            f"a pool of {pooler.pool_size} does not fit into {pooler.max_server_connections} server connections",
            (servers,),
        )
    if pooler.max_server_connections > room and "max_server_connections" in given:
        yield Problem(
            servers,
            f"at most {room}, not {pooler.max_server_connections}: {ENDPOINTS_ON_ONE_SERVER} endpoints may lead to one "
            f"server, which has max_connections = {most}, of which {RESERVED_CONNECTIONS} are kept",
            (("postgres", "max_connections"),),
        )
    if pooler.max_client_connections < pooler.pool_size and "pool_size" in given:
        yield Problem(
            ("pgbouncer", "max_client_connections"),
            f"{pooler.max_client_connections} clients can't use a pool of {pooler.pool_size}",
            (size,),
        )


def _memory(spec: Spec) -> Iterator[Problem]:
    postgres, usable, cache = spec.postgres, spec.machine.memory, spec.redis.maxmemory
    if postgres.effective_cache_size_ratio < postgres.shared_buffers_ratio:
        yield Problem(
            ("postgres", "effective_cache_size_ratio"),
            f"{postgres.effective_cache_size_ratio:g} is less than shared_buffers_ratio "
            f"({postgres.shared_buffers_ratio:g}), which is a part of it",
            (("postgres", "shared_buffers_ratio"),),
        )
    if usable and cache and cache * spec.redis.nodes > usable * spec.machine.memory_ratio:
        yield Problem(
            ("redis", "maxmemory"),
            f"{render_bytes(cache)} on each of {spec.redis.nodes} nodes is more than the tier's "
            f"{render_bytes(usable * spec.machine.memory_ratio)} (machine.memory times machine.memory_ratio)",
            (("redis", "nodes"), ("machine", "memory"), ("machine", "memory_ratio")),
        )


def _times(spec: Spec) -> Iterator[Problem]:
    postgres = spec.postgres
    if 0 < postgres.statement_timeout < postgres.slow_query:
        yield Problem(
            ("postgres", "slow_query"),
            f"{postgres.slow_query:g} s is more than statement_timeout ({postgres.statement_timeout:g} s): "
            "no statement would ever be logged",
            (("postgres", "statement_timeout"),),
        )
    if spec.pgbouncer.query_wait_timeout < 1:
        yield Problem(("pgbouncer", "query_wait_timeout"), "less than 1 s: a client would not even wait out a reload")
    if spec.redis.cache_ttl < 1:
        yield Problem(("redis", "cache_ttl"), "less than 1 s: Redis would keep nothing")


def _settings(spec: Spec) -> Iterator[Problem]:
    for name, value in spec.postgres.settings.items():
        if message := check_managed(name, value) or check_setting(name, value):
            yield Problem(("postgres", "settings", name), message)


def _tls(spec: Spec) -> Iterator[Problem]:
    if spec.tls.enabled:
        yield Problem(
            ("tls", "enabled"), "encryption between the local programs is not built yet; they use loopback only"
        )
