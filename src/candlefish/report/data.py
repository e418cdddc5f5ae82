"""A demo's figures as one JSON object, and back."""

import dataclasses
import json
from typing import Any

from pydantic import TypeAdapter

from candlefish.demo.result import DemoResult

FORMAT_VERSION = 1


def as_object(result: DemoResult) -> dict[str, Any]:
    """Return the figures as plain lists and dictionaries, `objectives` first."""
    everything = dataclasses.asdict(result)
    first = {"format": FORMAT_VERSION, "objectives": everything.pop("objectives"), "all_met": result.all_met}
    return first | everything


def render_json(result: DemoResult) -> str:
    """Print the figures as JSON with two spaces of indentation."""
    return json.dumps(as_object(result), indent=2, ensure_ascii=False)


def load_json(text: str) -> DemoResult:
    """Read what `render_json` wrote, so that a report can be drawn again."""
    data = json.loads(text)
    for name in ("format", "all_met"):
        data.pop(name, None)
    return TypeAdapter(DemoResult).validate_python(data)
