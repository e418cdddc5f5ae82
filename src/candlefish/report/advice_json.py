"""An advice as one JSON object. docs/advise.md describes it; a name that stands here once stays.

Times are milliseconds (`seconds` is what the advice took), sizes bytes, ratios from 0 to 1, rates per hour. What was
not measured is null.
"""

import json
import math
from dataclasses import asdict
from typing import Any

from candlefish.advise.advice import Advice, Recommendation
from candlefish.report.advice_rows import ranked

FORMAT_VERSION = 1


def render_advice_json(advice: Advice) -> str:
    """Print an advice as JSON with two spaces of indentation."""
    return json.dumps(advice_object(advice), indent=2, ensure_ascii=False, allow_nan=False)


def advice_object(advice: Advice) -> dict[str, Any]:
    """Return an advice as plain lists and dictionaries, `recommendations` first, the one that saves most before all."""
    everything = asdict(advice)
    everything["recommendations"] = [_recommendation(one) for one in ranked(advice)]
    first = {name: everything.pop(name) for name in ("database", "server_version", "source", "recommendations")}
    found: dict[str, Any] = _finite({"format": FORMAT_VERSION} | first | everything)
    return found


def _recommendation(one: Recommendation) -> dict[str, Any]:
    known = one.before_ms is not None and one.after_ms is not None
    return asdict(one) | {"saved_ms_per_hour": one.saved_ms_per_hour if known else None}


def _finite(value: Any) -> Any:
    """Return the same with null for what JSON has no number for: a statement that did not end in time."""
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
