"""One rule: its name, where it comes from, and what checks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from candlefish.results import Finding
from candlefish.terraform.rules.planned import Planned


@dataclass(frozen=True, slots=True)
class Rule:
    """What AWS, or the plan's own promise, asks of a module; `source` names a document, or the figure of ours."""

    name: str
    source: str
    check: Callable[[Planned], Iterator[Finding]]
