"""Computed values: what AWS would fill in, invented here in the right shape."""

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

from tests.standin.names import ACCOUNT, ARNS, ATTRIBUTES, DATA, ID_IS_ARN, IDS, NAMES, PARTITION, ZONES
from tests.standin.protocol import Value, is_unknown
from tests.standin.schema_of import Schema, Type

FILLED_LATER = re.compile(r"\{(hex|HEX)(\d+)\}")
Fill = Callable[[str, Type], Value]
"""What a computed attribute gets: by its name and type."""


def fill(block: Schema, value: dict[str, Value], leaf: Fill, *, unset: bool = True) -> None:
    """Ask `leaf` for what is unknown, and for what is computed and unset too if so asked; empty what is write-only."""
    for name, attribute in block["attributes"].items():
        if attribute.get("write_only"):
            value[name] = None
        elif is_unknown(value.get(name)) or (unset and attribute.get("computed") and value.get(name) is None):
            value[name] = leaf(name, attribute["type"])
    for name, nested in block.get("block_types", {}).items():
        for element in elements(value.get(name)):
            fill(nested["block"], element, leaf, unset=unset)


def elements(blocks: Value) -> list[dict[str, Value]]:
    """Give the blocks that a value of any nesting mode holds."""
    if isinstance(blocks, dict):
        return [blocks]
    return [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, list) else []


class Naming:
    """Names for one resource: the same ones for the same seed."""

    def __init__(self, type_name: str, region: str, seed: str, known: dict[str, Value]) -> None:
        self.type_name = type_name
        self.seed = hashlib.sha256(f"{type_name} {seed}".encode()).hexdigest()
        self.known = {name: value for name, value in known.items() if isinstance(value, str | int)}
        self.known |= {"region": known.get("region") or region, "account": ACCOUNT, "revision": 1}
        self.known["kind"] = "net" if known.get("load_balancer_type") == "network" else "app"
        self.known |= {name: self._prefixed(name) for name in NAMES if self.known.get(f"{name}_prefix")}
        self.known["id"] = self.identifier()

    def _prefixed(self, name: str) -> str:
        return f"{self.known[f'{name}_prefix']}{self.seed[:26]}"

    def text(self, template: str) -> str:
        """Fill a template in."""
        digits = FILLED_LATER.sub(lambda found: self._digits(found[1], int(found[2])), template)
        unnamed = dict.fromkeys(re.findall(r"\{(\w+)\}", digits), f"unnamed-{self.seed[:6]}")
        return digits.format_map(unnamed | {"uuid": uuid.UUID(self.seed[:32])} | self.known)

    def _digits(self, case: str, count: int) -> str:
        return self.seed[:count] if case == "hex" else self.seed[:count].upper()

    def arn(self) -> str:
        """Name the resource as policies do."""
        service = self.type_name.removeprefix("aws_").split("_")[0]
        template = ARNS.get(self.type_name, service + ":{region}:{account}:" + self.type_name + "/{hex12}")
        return f"arn:{PARTITION}:{self.text(template)}"

    def identifier(self) -> str:
        """Give what the provider keeps as `id`."""
        if self.type_name in ID_IS_ARN:
            return self.arn()
        if self.type_name in IDS:
            return self.text(IDS[self.type_name])
        named = [str(self.known[name]) for name in NAMES if self.known.get(name)]
        return named[0] if named else self.seed[:16]

    def leaf(self, name: str, kind: Type) -> Value:
        """Give a computed attribute its value."""
        if name in (given := {**ATTRIBUTES.get(self.type_name, {}), **DATA.get(self.type_name, {})}):
            return self.text(given[name])
        if name == "tags_all" or (name.endswith("_prefix") and kind == "string"):
            return {} if name == "tags_all" else ""
        if name == "arn":
            return self.arn()
        if kind == "string":
            return self.known.get(name) or f"stand-in-{name.replace('_', '-')}-{self.seed[:8]}"
        return self._other(name, kind)

    def _other(self, name: str, kind: Type) -> Value:
        if kind in ("number", "bool"):
            return {"port": 5432, "revision": 1}.get(name, 0) if kind == "number" else False
        if isinstance(kind, list) and kind[0] == "object":
            return {field: self.leaf(field, inner) for field, inner in kind[1].items()}
        if name in ("names", "zone_ids"):
            return [f"{self.known['region']}{zone}" for zone in ZONES]
        if name == "member_clusters":
            count = self.known.get("num_cache_clusters") or 1
            return [f"{self.known.get('replication_group_id')}-{number:03}" for number in range(1, int(count) + 1)]
        if kind == "dynamic":
            return None
        return {} if kind[0] == "map" else []


def tags_all(value: dict[str, Any], defaults: dict[str, str]) -> Value:
    """Merge a resource's own tags over the provider's, as the provider does when it plans."""
    own = value.get("tags")
    return own if is_unknown(own) else {**defaults, **(own or {})}
