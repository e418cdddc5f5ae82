"""The module that a spec means: hand-written files as they are, and the plan's numbers as terraform.tfvars."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from candlefish.spec.model import Spec
from candlefish.terraform.hcl import render_entries
from candlefish.terraform.part import Part
from candlefish.terraform.parts import PARTS
from candlefish.terraform.readme import render_readme

TESTS = "tests"


def render_module(spec: Spec) -> dict[str, str]:
    """Return the files of the module by their path in its folder."""
    parts = [part for part in PARTS if part.wanted(spec)]
    files = {f"{part.name}.tf": _read(f"{part.name}.tf") for part in parts}
    files["variables.tf"] = _join(parts, "variables.tf")
    files["outputs.tf"] = _join(parts, "outputs.tf")
    files["terraform.tfvars"] = _render_values(spec, parts)
    files |= dict(_tests(parts))
    files["README.md"] = render_readme(spec, files)
    return files


def _module() -> Traversable:
    return resources.files("candlefish.terraform") / "module"


def _read(name: str) -> str:
    return (_module() / name).read_text(encoding="utf-8")


def _join(parts: list[Part], kind: str) -> str:
    """Return what all parts have of one kind in one file, each under the name of the file that it belongs to."""
    present = {entry.name for entry in _module().iterdir()}
    texts = {part.name: _read(name) for part in parts if (name := f"{part.name}.{kind}") in present}
    return "\n".join(f"# {part}.tf\n\n{text}" for part, text in texts.items())


def _render_values(spec: Spec, parts: list[Part]) -> str:
    sections = {part.name: render_entries(part.values(spec)) for part in parts}
    return "\n".join(f"# {part}.tf\n\n{text}" for part, text in sections.items() if text)


def _tests(parts: list[Part]) -> Iterator[tuple[str, str]]:
    present = {entry.name for entry in (_module() / TESTS).iterdir()}
    for part in parts:
        name = f"{part.name}.tftest.hcl"
        if name in present:
            yield f"{TESTS}/{name}", _read(f"{TESTS}/{name}")
