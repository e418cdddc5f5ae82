"""The same tier with one choice made differently: what it would cost, where prices exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from candlefish.cost.bill import make_bill
from candlefish.cost.model import Bill, Snapshot
from candlefish.cost.snapshot import find_row
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other choice, its bill's difference from ours in USD a month, and what speaks against it."""

    what: str
    difference: float
    note: str


@dataclass(frozen=True, slots=True)
class _Change:
    what: str
    note: str
    sections: dict[str, dict[str, Any]]


def find_alternatives(spec: Spec, bill: Bill) -> tuple[Alternative, ...]:
    """Return the alternatives, the cheapest first; one without prices is left out."""
    found = (
        Alternative(change.what, make_bill(_with(spec, change), bill.snapshot).total - bill.total, change.note)
        for change in _changes(spec, bill.snapshot)
    )
    return tuple(sorted(found, key=lambda alternative: alternative.difference))


def _with(spec: Spec, change: _Change) -> Spec:
    parts = {name: getattr(spec, name).model_copy(update=values) for name, values in change.sections.items()}
    return spec.model_copy(update=parts)


def _changes(spec: Spec, snapshot: Snapshot) -> Iterator[_Change]:
    if spec.aws.cache_engine == "redis" and _priced_cache(snapshot, "valkey", spec.redis.instance_class):
        note = "the same nodes and protocol; in place from Redis OSS 7.1; Database Savings Plans cover it"
        yield _Change("Valkey instead of Redis OSS", note, {"aws": {"cache_engine": "valkey"}})
    if spec.aws.architecture == "x86_64" and find_row(snapshot, "fargate.arm64.vcpu"):
        note = "the image must be built for arm64"
        yield _Change("ARM instead of x86 tasks", note, {"aws": {"architecture": "arm64"}})
    if spec.postgres.storage_type != "gp3" and spec.postgres.iops is None:
        note = "gives its IOPS without charge: 3,000, from 400 GB on 12,000"
        yield _Change("gp3 storage", note, {"postgres": {"storage_type": "gp3"}})
    yield from _databases(spec, snapshot)
    yield from _caches(spec, snapshot)


def _databases(spec: Spec, snapshot: Snapshot) -> Iterator[_Change]:
    postgres = spec.postgres
    for family in ("m7g", "m8g", "r7g", "r8g"):
        chosen = _in_family(postgres.instance_class, family)
        replica = _in_family(postgres.replica_class, family)
        if chosen == postgres.instance_class or not _priced_database(spec, snapshot, chosen, replica):
            continue
        less = DATABASE_CLASSES[chosen].memory_gib / DATABASE_CLASSES[postgres.instance_class].memory_gib
        memory = f"; {less:.0%} of the memory" if less != 1 else ""
        newer = "Database Savings Plans cover it"
        values = {"instance_class": chosen, "replica_class": replica}
        yield _Change(f"db.{family} for all databases", f"{newer}{memory}", {"postgres": values})


def _caches(spec: Spec, snapshot: Snapshot) -> Iterator[_Change]:
    for family in ("m7g", "r6g"):
        chosen = _in_family(spec.redis.instance_class, family)
        if chosen == spec.redis.instance_class or not _priced_cache(snapshot, spec.aws.cache_engine, chosen):
            continue
        note = {"m7g": "about half the memory for data", "r6g": "the generation before, as much memory"}[family]
        yield _Change(f"cache.{family} for all nodes", note, {"redis": {"instance_class": chosen}})


def _in_family(name: str, family: str) -> str:
    kind, _, size = name.split(".")
    return f"{kind}.{family}.{size}"


def _priced_database(spec: Spec, snapshot: Snapshot, chosen: str, replica: str) -> bool:
    zones = "multi" if spec.postgres.multi_az else "single"
    wanted = [f"rds.postgres.{chosen}.{zones}"]
    if spec.postgres.read_replicas:
        wanted.append(f"rds.postgres.{replica}.single")
    return chosen in DATABASE_CLASSES and all(find_row(snapshot, key) for key in wanted)


def _priced_cache(snapshot: Snapshot, engine: str, name: str) -> bool:
    return find_row(snapshot, f"elasticache.{engine}.{name}") is not None
