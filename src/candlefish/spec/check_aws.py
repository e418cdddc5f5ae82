"""Contradictions that AWS would answer with an error, an hour into building the tier."""

from collections.abc import Iterator

from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES, check_class
from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem

STORAGE_GB = {"gp2": (20, 65_536), "gp3": (20, 65_536), "io1": (100, 65_536), "io2": (100, 65_536)}
"""Smallest and largest volume of RDS for PostgreSQL (AWS, "Amazon RDS DB instance storage")."""

GP3_STRIPED_GB = 400
"""From here on RDS stripes a gp3 volume, and only then its IOPS can be chosen (Terraform AWS provider, issue 28382)."""

IOPS = {"gp3": (12_000, 64_000), "io1": (1_000, 256_000), "io2": (1_000, 256_000)}
"""What may be asked for (same page; gp3: of a striped volume)."""


def find_aws_contradictions(spec: Spec) -> Iterator[Problem]:
    """Give what can't be built on AWS."""
    yield from _classes(spec)
    yield from _storage(spec)
    yield from _iops(spec)
    yield from _copies(spec)


def _classes(spec: Spec) -> Iterator[Problem]:
    for part, field, name, known in (
        ("postgres", "instance_class", spec.postgres.instance_class, DATABASE_CLASSES),
        ("postgres", "replica_class", spec.postgres.replica_class, DATABASE_CLASSES),
        ("redis", "instance_class", spec.redis.instance_class, CACHE_CLASSES),
    ):
        if message := check_class(name, known):
            yield Problem((part, field), message)


def _storage(spec: Spec) -> Iterator[Problem]:
    kind, size = spec.postgres.storage_type, spec.postgres.storage_gb
    smallest, largest = STORAGE_GB[kind]
    if not smallest <= size <= largest:
        yield Problem(
            ("postgres", "storage_gb"),
            f"{size} GB is not possible on {kind}: RDS for PostgreSQL has {smallest} to {largest} GB",
            (("postgres", "storage_type"),),
        )


def _iops(spec: Spec) -> Iterator[Problem]:
    kind, size, iops = spec.postgres.storage_type, spec.postgres.storage_gb, spec.postgres.iops
    key, others = ("postgres", "iops"), (("postgres", "storage_type"), ("postgres", "storage_gb"))
    if iops is None:
        if kind in ("io1", "io2"):
            yield Problem(("postgres", "storage_type"), f'"{kind}" needs postgres.iops, which is not set', (key,))
        return
    if kind == "gp2":
        yield Problem(key, "gp2 has IOPS by its size: leave it away, or use gp3", others)
    elif kind == "gp3" and size < GP3_STRIPED_GB:
        yield Problem(key, f"gp3 below {GP3_STRIPED_GB} GB always has 3,000 IOPS: leave it away", others)
    elif not IOPS[kind][0] <= iops <= IOPS[kind][1]:
        yield Problem(key, f"{iops} is not possible on {kind}: from {IOPS[kind][0]} to {IOPS[kind][1]}", others)


def _copies(spec: Spec) -> Iterator[Problem]:
    postgres = spec.postgres
    if postgres.read_replicas and not postgres.backup_retention_days:
        yield Problem(
            ("postgres", "backup_retention_days"),
            f"0 turns backups off, and RDS makes {postgres.read_replicas} read replicas from a backup: at least 1",
            (("postgres", "read_replicas"),),
        )
    if postgres.synchronous == "strict" and not postgres.multi_az:
        yield Problem(
            ("postgres", "multi_az"),
            'false contradicts postgres.synchronous = "strict": on AWS the Multi-AZ standby is the synchronous one',
            (("postgres", "synchronous"),),
        )
