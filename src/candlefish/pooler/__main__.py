"""`python -m candlefish.pooler`: the door of the container's program. It reads the environment, prints, and exits."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from candlefish.errors import CandlefishError

PROGRAM = "candlefish.pooler"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands and return the exit code: 0 fine, 1 not healthy, 2 wrong usage, 3 something is amiss."""
    arguments = _parse(argv)
    try:
        return _COMMANDS[arguments.command](arguments, os.environ)
    except CandlefishError as error:
        say(f"error: {error}")
        return error.exit_code


def say(text: str) -> None:
    """Write a line of the program itself to stderr."""
    print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description="PgBouncer in a container.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="write the configuration, start PgBouncer, follow the secrets")
    health = commands.add_parser("health", help="ask the pooler's console; exit 0 or 1")
    health.add_argument("--deep", action="store_true", help="ask the database too, through the pooler")
    bootstrap = commands.add_parser("bootstrap", help="make the roles, grants and extensions of the database")
    bootstrap.add_argument("--dry-run", action="store_true", help="print the SQL instead of running it")
    rotate = commands.add_parser("rotate", help="give the next user, the administrator and the cache new secrets")
    rotate.add_argument("--dry-run", action="store_true", help="say what would be done")
    return parser.parse_args(argv)


def _run(_arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from candlefish.pooler.environment import read_pooler
    from candlefish.pooler.run import run_pooler

    return run_pooler(
        read_pooler(env),
        say=say,
        emit=lambda line: print(line, flush=True),
        log=lambda line: print(line, file=sys.stderr, flush=True),
    )


def _health(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from candlefish.pooler.environment import read_folder
    from candlefish.pooler.health import check_health

    healthy, text = check_health(read_folder(env), deep=arguments.deep)
    print(text)
    return 0 if healthy else 1


def _bootstrap(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from candlefish.pooler.bootstrap import bootstrap, read_roles

    bootstrap(read_roles(env), dry_run=arguments.dry_run, show=print, say=say)
    return 0


def _rotate(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from candlefish.pooler.rotate import read_rotation, rotate

    rotate(read_rotation(env), dry_run=arguments.dry_run, say=say)
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, Mapping[str, str]], int]] = {
    "run": _run,
    "health": _health,
    "bootstrap": _bootstrap,
    "rotate": _rotate,
}

if __name__ == "__main__":
    sys.exit(main())
