"""Check the documentation: links lead somewhere, each command has a page that says what its --help says.

`--write` fills the option tables of the command pages in; without it a difference is an error.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from candlefish.cli.main import COMMANDS, add_commands, app

ROOT = Path(__file__).resolve().parent.parent
COMMAND_PAGES = ROOT / "docs" / "commands"
BEGIN, END = "<!-- help: written by tools/docs.py --write -->", "<!-- /help -->"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|^    [^\n]*$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """List every Markdown page that a reader of the repository meets."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def dead_links(page: Path) -> Iterator[str]:
    """Give the links of a page that lead nowhere in this repository; addresses elsewhere are not looked at."""
    for link in _LINK.findall(_CODE.sub("", page.read_text())):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists():
            yield f"{page.relative_to(ROOT)}: {link} leads nowhere"
        elif anchor and anchor not in anchors(path):
            yield f"{page.relative_to(ROOT)}: {target or 'the page'} has no heading #{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def help_block(name: str) -> str:
    """Render what `candlefish NAME --help` says as Markdown; of a command that has commands, what each of them says."""
    group: Any = typer.main.get_command(app)
    command = group.commands[name]
    below = {f"{name} {inner}": found for inner, found in getattr(command, "commands", {}).items()}
    parts = [line for words, found in (below or {name: command}).items() for line in _help(words, found)]
    return "\n".join([BEGIN, "", *parts, END])


def _help(words: str, command: Any) -> list[str]:
    usage = " ".join([f"candlefish {words}", *command.collect_usage_pieces(typer.Context(command))])
    rows = [_row(parameter) for parameter in command.params]
    table = ["| argument or option | default | meaning |", "|---|---|---|", *rows] if rows else []
    return [f"    {usage}", "", command.help.strip(), "", *table, ""]


def _row(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = (
        " ".join(f"`{name}`" for name in parameter.opts)
        if is_option
        else f"`{parameter.metavar or parameter.name.upper()}`"
    )
    given = parameter.show_default if isinstance(parameter.show_default, str) else parameter.default
    shown = "" if given in (None, "", (), [], False) or parameter.show_default is False else f"`{given}`"
    return f"| {names} | {shown} | {(parameter.help or '').replace('|', chr(92) + '|')} |"


def stale_pages(*, write: bool) -> Iterator[str]:
    """Give the commands whose page is missing or says something else than --help; with `write`, mend the pages."""
    for name in COMMANDS:
        page = COMMAND_PAGES / f"{name}.md"
        if not page.exists():
            yield f"docs/commands/{name}.md is missing: the command {name} is not documented"
            continue
        text = page.read_text()
        found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), text, re.DOTALL)
        if found is None:
            yield f"docs/commands/{name}.md has no block between {BEGIN} and {END}"
        elif found[0] != help_block(name):
            if write:
                page.write_text(text.replace(found[0], help_block(name)))
            else:
                yield f"docs/commands/{name}.md differs from `candlefish {name} --help`: tools/docs.py --write"


def main(arguments: list[str]) -> int:
    """Print every problem found; return the exit code."""
    add_commands(COMMANDS)
    problems = [*stale_pages(write="--write" in arguments)]
    problems += [problem for page in pages() for problem in dead_links(page)]
    print("\n".join(problems) or f"{len(pages())} pages, {len(COMMANDS)} commands: every link and every option holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
