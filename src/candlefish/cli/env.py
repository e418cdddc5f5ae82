"""`candlefish env`: print where the tier answers, here or on AWS, for any program in any language."""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from candlefish.aws.endpoints import Authorities, fetch_secrets, make_endpoints
from candlefish.aws.outputs import TierOutputs, fetch_outputs, load_outputs, parse_outputs
from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

DatabaseOption = Annotated[
    str, typer.Option("--database", "-d", help="Another database that the tier serves.", show_default=False)
]
FromTerraformOption = Annotated[
    str,
    typer.Option(
        "--from-terraform",
        "-t",
        metavar="DIR_OR_FILE",
        help="The tier on AWS: the folder that was applied, a file of `terraform output -json`, or - for stdin.",
        show_default=False,
    ),
]
PoolerHostOption = Annotated[
    str,
    typer.Option(
        "--pooler-host", metavar="NAME", help="On AWS: a name of yours for the load balancer.", show_default=False
    ),
]
PoolerCaOption = Annotated[
    str,
    typer.Option(
        "--pooler-ca", metavar="FILE", help="On AWS: the authority of PgBouncer's certificate.", show_default=False
    ),
]
DatabaseCaOption = Annotated[
    str,
    typer.Option(
        "--database-ca", metavar="FILE", help="On AWS: the authorities of RDS (its bundle).", show_default=False
    ),
]


def env(
    name: NameOption = None,
    database: DatabaseOption = "",
    from_terraform: FromTerraformOption = "",
    pooler_host: PoolerHostOption = "",
    pooler_ca: PoolerCaOption = "",
    database_ca: DatabaseCaOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print the endpoints as shell exports: `eval "$(candlefish env)"`."""
    if from_terraform:
        if name is not None:
            raise UsageError("--name is a tier of this machine, --from-terraform one on AWS: give one of them")
        outputs = _read_outputs(from_terraform, database)
        if pooler_host:
            outputs = outputs.model_copy(update={"pgbouncer_host": pooler_host})
        endpoints = make_endpoints(outputs, fetch_secrets(outputs), Authorities(pooler_ca, database_ca))
    else:
        if pooler_host or pooler_ca or database_ca:
            raise UsageError(
                "--pooler-host, --pooler-ca and --database-ca are for a tier on AWS", hint="add --from-terraform DIR"
            )
        endpoints = _endpoints_here(name, database)
    variables = endpoints.to_env()
    if as_json:
        print(json.dumps(variables, indent=2))
    else:
        for variable, value in variables.items():
            print(f"export {variable}={shlex.quote(value)}")


def _endpoints_here(name: str | None, database: str) -> Endpoints:
    stack = running_stack(name)
    stack.require_running()
    return stack.endpoints(database)


def _read_outputs(source: str, database: str) -> TierOutputs:
    if source == "-":
        outputs = parse_outputs(sys.stdin.read(), "stdin")
    else:
        path = Path(source)
        outputs = fetch_outputs(path) if path.is_dir() else load_outputs(path)
    if database not in ("", outputs.database):
        raise UsageError(
            f"the tier on AWS does not serve the database {database}", hint=f"it serves {outputs.database}"
        )
    if outputs.redis_cluster_mode:
        print(
            "candlefish: the cache is sharded: Redis clients have to be cluster clients, as candlefish.Cache is",
            file=sys.stderr,
        )
    return outputs
