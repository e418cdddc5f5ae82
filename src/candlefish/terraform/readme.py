"""The README of a rendered module."""

from collections.abc import Mapping

from candlefish.spec.model import Spec


def render_readme(spec: Spec, files: Mapping[str, str]) -> str:
    """Return the README."""
    del files
    return f"# {spec.name}\n"
