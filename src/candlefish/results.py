"""What checks, measurements and promises give back: frozen, with no behaviour."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check noticed about one named subject."""

    subject: str
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured figure with its unit ("ms", "ratio", "1/s", "bytes", "count")."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise beside what was measured; `improvement` is a ratio from 0 to 1 where a before exists."""

    name: str
    unit: str
    before: float | None
    after: float | None
    improvement: float | None
    target: str
    met: bool
    note: str = ""
