"""AWS instance classes that a spec may name: what each has.

Sources: AWS, "DB instance classes" (vCPU, memory); ElastiCache User Guide, "Redis OSS node-type specific parameters"
(maxmemory in bytes, here in GiB, rounded down), which is less than the node's memory because AWS keeps some for itself.
Sizes double from one name to the next. That each database class can be ordered for PostgreSQL 15.13 to 15.19, and that
each node type exists, was held against the lists of AWS's API in cfn-lint 1.58.
"""

from dataclasses import dataclass

from candlefish.errors import closest


@dataclass(frozen=True, slots=True)
class InstanceClass:
    """Virtual CPUs and GiB of memory; for a cache node the GiB that data may take."""

    vcpus: int
    memory_gib: float


_SIZES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64}
"""vCPUs of each size."""

_DB_FAMILIES = {
    "m6g": 4, "m6i": 4, "m7g": 4, "m7i": 4, "m8g": 4, "r6g": 8, "r6i": 8, "r7g": 8, "r7i": 8, "r8g": 8,
}  # fmt: skip
"""GiB for each vCPU."""

_DB_SMALL = {
    "micro": (2, 1.0),
    "small": (2, 2.0),
    "medium": (2, 4.0),
    "large": (2, 8.0),
    "xlarge": (4, 16.0),
    "2xlarge": (8, 32.0),
}

_CACHE_FAMILIES = {
    ("m6g", "m7g"): (6.38, 12.93, 26.04, 52.26, 103.68, 157.12, 209.55),
    ("r6g", "r7g"): (13.07, 26.32, 52.82, 105.81, 209.55, 317.77, 419.09),
}
"""GiB of data, for each of _SIZES."""

_CACHE_SMALL = {"micro": (2, 0.5), "small": (2, 1.37), "medium": (2, 3.09)}


def _database_classes() -> dict[str, InstanceClass]:
    classes = {
        f"db.{family}.{size}": InstanceClass(vcpus, float(vcpus * gib))
        for family, gib in _DB_FAMILIES.items()
        for size, vcpus in _SIZES.items()
    }
    small = {f"db.{family}.{size}": InstanceClass(*has) for family in ("t3", "t4g") for size, has in _DB_SMALL.items()}
    return small | classes


def _cache_classes() -> dict[str, InstanceClass]:
    classes = {
        f"cache.{family}.{size}": InstanceClass(vcpus, gib)
        for families, sizes in _CACHE_FAMILIES.items()
        for family in families
        for (size, vcpus), gib in zip(_SIZES.items(), sizes, strict=True)
    }
    small = {f"cache.{f}.{size}": InstanceClass(*has) for f in ("t3", "t4g") for size, has in _CACHE_SMALL.items()}
    return small | classes


DATABASE_CLASSES = _database_classes()
CACHE_CLASSES = _cache_classes()


def check_class(name: str, known: dict[str, InstanceClass]) -> str:
    """Return what is wrong with the name of a class, or an empty text."""
    if name in known:
        return ""
    kind = next(iter(known)).split(".")[0]
    if not name.startswith(f"{kind}."):
        return f'{name!r} is no class of {kind} nodes: its name begins with "{kind}."{closest(f"{kind}.{name}", known)}'
    return f"{name!r} is no class that candlefish knows{closest(name, known)}"
