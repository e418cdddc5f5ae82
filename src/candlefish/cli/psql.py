"""`candlefish psql`: a prompt on one endpoint."""

import sys
from typing import Annotated, Literal

import typer

from candlefish import process
from candlefish.cli.env import DatabaseOption
from candlefish.cli.options import NameOption, running_stack

Endpoint = Literal["main", "read", "session", "analytics", "admin"]


def psql(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Words for psql itself, after `--`: `candlefish psql -- -c 'select 1'`."),
    ] = None,
    name: NameOption = None,
    database: DatabaseOption = "",
    endpoint: Annotated[Endpoint, typer.Option("--endpoint", "-e", help="Which endpoint.")] = "admin",
) -> None:
    """Open psql on an endpoint of the tier."""
    stack = running_stack(name)
    stack.require_running()
    endpoints = stack.endpoints(database)
    url = getattr(endpoints, f"{endpoint}_url")
    # The password goes through the environment: arguments can be read by everybody on the machine.
    address, password = without_password(url)
    sys.exit(
        process.run_interactive(
            [process.find_binary("psql"), address, *(arguments or [])], env={"PGPASSWORD": password}
        )
    )


def without_password(url: str) -> tuple[str, str]:
    """Split a URL into itself without the password, and the password."""
    scheme, rest = url.split("://", 1)
    credentials, address = rest.rsplit("@", 1)
    user, password = credentials.split(":", 1)
    return f"{scheme}://{user}@{address}", password
