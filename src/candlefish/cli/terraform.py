"""`candlefish terraform`: the tier as a Terraform module for AWS, and a plan of it held against what AWS asks for."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from candlefish.cli.module_folder import read_present, read_written, require_ours, write_changes
from candlefish.cli.options import DEFAULT_SPEC, JsonOption, SpecOption
from candlefish.errors import UsageError
from candlefish.results import Finding
from candlefish.spec.load import load
from candlefish.terraform import render_module
from candlefish.terraform.manifest import Changes, Files, Written, compare, of_module, render_diff
from candlefish.terraform.rules import check_plan, find_unseen

PLAN_HINT = "terraform plan -out=tfplan && terraform show -json tfplan > PLAN"

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="Where the module is written.", show_default=False)
]
CheckOption = Annotated[
    Path | None,
    typer.Option(
        "--check", metavar="PLAN", help="Check a plan, the JSON of `terraform show -json`.", show_default=False
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over what was edited, and into a folder with files.")]


def terraform(
    folder: FolderArgument = None,
    spec: SpecOption = None,
    check: CheckOption = None,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the tier as a Terraform module for AWS. Nothing is deployed: that is Terraform's, and yours.

    A file that you edited is never written over without --force. With --check a plan of the module is held against
    what the provider's schema can't know; ends with 1 when something is found.
    """
    if check is not None:
        raise typer.Exit(_check(check, as_json))
    if folder is None:
        raise UsageError("no folder is named", hint="candlefish terraform DIR")
    file = spec or (DEFAULT_SPEC if DEFAULT_SPEC.exists() else None)
    chosen = load(file, {})
    rendered = {name: text.encode() for name, text in render_module(chosen).items()}
    after = of_module(rendered, chosen.name, from_spec=file is not None)
    _write(folder, rendered, after, dry_run=dry_run, force=force, as_json=as_json)


def _write(folder: Path, rendered: Files, after: Written, *, dry_run: bool, force: bool, as_json: bool) -> None:
    written = read_written(folder)
    if not force:
        require_ours(folder)
        _require_same_tier(folder, written, after)
    present = read_present(folder, {*rendered, *written.files})
    changes = compare(rendered, present, written, force=force)
    if dry_run:
        diff = render_diff(changes, rendered, present)
        print(_to_json(folder, changes, diff) if as_json else diff or f"{folder} would stay as it is")
        if changes.conflicts:
            print(f"without --force nothing is written: {', '.join(changes.conflicts)} edited", file=sys.stderr)
        return
    _refuse(folder, changes)
    write_changes(folder, changes, rendered, written, after)
    print(_to_json(folder, changes) if as_json else "\n".join(_describe(folder, changes)))


def _require_same_tier(folder: Path, written: Written, after: Written) -> None:
    """Raise UsageError before the module of one tier becomes that of another."""
    hint = "run it where that tier's candlefish.toml is, or name the file with --spec; --force replaces the module"
    if written.from_spec and not after.from_spec:
        raise UsageError(f"{folder} was made from a spec, and there is no {DEFAULT_SPEC} here", hint=hint)
    if written.tier and written.tier != after.tier:
        raise UsageError(f"{folder} is the module of {written.tier}, and this spec is of {after.tier}", hint=hint)


def _refuse(folder: Path, changes: Changes) -> None:
    if changes.conflicts:
        raise UsageError(
            f"{folder} has files that somebody edited, and the module now has another text for them",
            detail=", ".join(changes.conflicts),
            hint="see --dry-run; move the edits into candlefish.toml or a file of your own; --force loses them",
        )


def _describe(folder: Path, changes: Changes) -> list[str]:
    count = "1 file" if len(changes.write) == 1 else f"{len(changes.write)} files"
    done = f"{count} written" if changes.write else "nothing to write"
    lines = [f"{folder}: {done}" + (f", {len(changes.remove)} removed" if changes.remove else "")]
    lines += [f"left as you edited it: {name}" for name in changes.kept]
    return [*lines, f"next: terraform -chdir={folder} init, then what {folder / 'README.md'} says"]


def _to_json(folder: Path, changes: Changes, diff: str | None = None) -> str:
    shown: Mapping[str, Any] = {"folder": str(folder), **asdict(changes)}
    return json.dumps(shown if diff is None else {**shown, "diff": diff}, indent=2)


def _check(file: Path, as_json: bool) -> int:
    plan = _read_plan(file)
    looked_at = len(plan["planned_values"].get("root_module", {}).get("resources", []))
    if not looked_at:
        raise UsageError(f"{file} plans no resource: there is nothing to check", hint=PLAN_HINT)
    found, unseen = check_plan(plan), find_unseen(plan)
    if as_json:
        print(json.dumps({"findings": [asdict(finding) for finding in (*found, *unseen)]}, indent=2))
    else:
        for finding in (*found, *unseen):
            print(_line(finding))
        print(f"{file}: {len(found) or 'nothing'} found in {looked_at} resources")
    return 1 if found else 0


def _line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.subject}: {finding.message}" + (f"; {finding.hint}" if finding.hint else "")


def _read_plan(file: Path) -> dict[str, Any]:
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"could not read a plan from {file}: {error}", hint=PLAN_HINT) from error
    if not isinstance(plan, dict) or "planned_values" not in plan:
        raise UsageError(f"{file} is no plan: it has no planned_values", hint=PLAN_HINT)
    return plan
