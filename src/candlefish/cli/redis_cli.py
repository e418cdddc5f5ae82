"""`candlefish redis-cli`: a prompt on the Redis primary."""

import sys
from typing import Annotated

import typer

from candlefish import process
from candlefish.cli.options import NameOption, running_stack


def redis_cli(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Words for redis-cli itself, after `--`: `candlefish redis-cli -- info`."),
    ] = None,
    name: NameOption = None,
) -> None:
    """Open redis-cli on the Redis primary of the tier."""
    stack = running_stack(name)
    stack.require_running()
    endpoints = stack.endpoints()
    host, port = endpoints.redis_endpoint.rsplit(":", 1)
    sys.exit(
        process.run_interactive(
            [process.find_binary("redis-cli"), "-h", host, "-p", port, *(arguments or [])],
            env={"REDISCLI_AUTH": endpoints.redis_auth_token},
        )
    )
