"""The program: find the command, run it, turn an error into words and an exit code."""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from candlefish.errors import CandlefishError

COMMANDS = (
    "setup", "plan", "terraform", "cost", "up", "status", "env", "logs", "psql", "redis-cli", "load", "follow", "bench",
    "demo", "advise", "cache", "down", "destroy",
)  # fmt: skip
"""In the order in which a newcomer meets them."""

app = typer.Typer(
    name="candlefish",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"candlefish {version('candlefish')}")
        raise typer.Exit


@app.callback()
def candlefish(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Stand up, tune and measure the data tier of a PostgreSQL application, from one file."""


def add_commands(names: tuple[str, ...]) -> None:
    """Register commands; each lives in the module of its name."""
    for name in names:
        function = name.replace("-", "_")
        found = getattr(import_module(f"candlefish.cli.{function}"), function)
        if isinstance(found, typer.Typer):  # a command that has commands
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)


def main() -> None:
    """Run the command that the arguments name; only its module is imported, so that `status` is quick."""
    named = tuple(word for word in sys.argv[1:2] if word in COMMANDS)
    add_commands(named or COMMANDS)
    try:
        app()
    except CandlefishError as error:
        print(f"candlefish: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of a pipe went away: `candlefish logs | head`
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        print("candlefish: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
