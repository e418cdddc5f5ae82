"""The module of a spec as files: its parts' HCL, their variables and outputs joined, and the plan's numbers."""

from collections.abc import Iterable, Iterator
from importlib.resources import files

from candlefish.spec.model import Spec
from candlefish.terraform.hcl import render_entries
from candlefish.terraform.part import Part
from candlefish.terraform.parts import PARTS
from candlefish.terraform.readme import render_readme

SOURCE = files("candlefish.terraform") / "module"
"""The HCL as it was written."""

TFVARS_HEAD = """\
# What the plan of this tier gives the module, each number with its reason (`candlefish plan` prints the same).
# Written by `candlefish terraform`; change candlefish.toml and run it again rather than this file.
"""


def render_module(spec: Spec) -> dict[str, str]:
    """Return the module of a spec: path in its folder -> text."""
    parts = wanted_parts(spec)
    module = {f"{part.name}.tf": _source(f"{part.name}.tf") for part in parts}
    module["variables.tf"] = _joined(parts, "variables")
    module["outputs.tf"] = _joined(parts, "outputs")
    module["terraform.tfvars"] = TFVARS_HEAD + "".join(_sections(spec, parts))
    for part in parts:
        if test := _source(f"tests/{part.name}.tftest.hcl"):
            module[f"tests/{part.name}.tftest.hcl"] = test
    module["README.md"] = render_readme(spec, module)
    return module


def wanted_parts(spec: Spec) -> tuple[Part, ...]:
    """Return the parts that a spec's module has."""
    return tuple(part for part in PARTS if part.wanted(spec))


def _source(name: str) -> str:
    """Return a file of the module as it was written, or an empty text."""
    file = SOURCE.joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _joined(parts: Iterable[Part], kind: str) -> str:
    texts = ((part.name, _source(f"{part.name}.{kind}.tf").strip()) for part in parts)
    return "\n\n".join(f"# {name}.tf\n\n{text}" for name, text in texts if text) + "\n"


def _sections(spec: Spec, parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if text := render_entries(part.values(spec)):
            yield f"\n# {part.name}.tf\n\n{text}"
