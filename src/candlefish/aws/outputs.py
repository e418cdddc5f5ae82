"""What the Terraform module says about a tier that was applied: read from its folder or from a file, and checked."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from candlefish import process
from candlefish.errors import BinaryMissing, EngineError, UsageError

OUTPUT_TIMEOUT_S = 120.0
"""Seconds that `terraform output` may take: the state may lie in a bucket on the other side of the world."""

_ENV = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
"""No advice for a person, no look-up of newer versions (Terraform, "Environment Variables")."""

_FRAME = re.compile(r"^[╷│╵ ]+|[╷│╵ ]+$", re.MULTILINE)
_CAUSE = re.compile(r"^Error: .+(?:\n+.+){0,3}", re.MULTILINE)
"""The first error that Terraform printed, and the three lines that say where."""

Text = Annotated[str, Field(min_length=1)]
HostPort = Annotated[str, Field(pattern=r"^[^:/@\s]+:\d{1,5}$")]
SecretArn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$")]


class TierOutputs(BaseModel):
    """The outputs of the module that an environment is made of; `*_endpoint` is "host:port"."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    database: Text
    db_instance_endpoint: HostPort
    db_replica_addresses: list[Text]
    pgbouncer_host: Text
    pgbouncer_port: Annotated[int, Field(ge=1, le=65535)]
    redis_endpoint: HostPort
    redis_cluster_mode: bool
    admin_secret_arn: SecretArn
    app_secret_arn: SecretArn
    redis_secret_arn: SecretArn


class _Output(BaseModel):
    """One output as `terraform output -json` writes it; its value is checked later."""

    value: object


_DOCUMENT = TypeAdapter(dict[str, _Output])


def fetch_outputs(folder: Path) -> TierOutputs:
    """Ask Terraform for the outputs of a folder that was applied; raise UsageError, EngineError or BinaryMissing."""
    done = process.run(
        [_find_terraform(), "output", "-json", "-no-color"], env=_ENV, timeout_s=OUTPUT_TIMEOUT_S, cwd=folder
    )
    if done.returncode != 0:
        raise EngineError(
            f"terraform could not read the outputs of {folder}",
            detail=_find_cause(done.stderr),
            hint=f"run `terraform -chdir={folder} init`, then `terraform -chdir={folder} output`",
        )
    return parse_outputs(done.stdout, str(folder))


def load_outputs(path: Path) -> TierOutputs:
    """Read a file into which `terraform output -json` was written; raise UsageError."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"could not read the outputs in {path}: {getattr(error, 'strerror', '') or 'it is no text'}",
            hint="make it with `terraform output -json`",
        ) from error
    return parse_outputs(text, str(path))


def parse_outputs(text: str, source: str) -> TierOutputs:
    """Check the text that `terraform output -json` printed; `source` is where it came from, for the errors.

    Raises UsageError when there are none at all, when one is missing, or has another type than the module's.
    """
    try:
        found = _DOCUMENT.validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{source} is not what `terraform output -json` prints",
            detail='expected is one object with a {"value": ...} for each output',
            hint=f"write it with `terraform output -json > {source}`" if Path(source).suffix else "",
        ) from error
    if not found:
        raise UsageError(
            f"{source} has no outputs: nothing was applied there",
            hint="give the folder that `candlefish terraform` wrote, after `terraform apply` in it",
        )
    try:
        return TierOutputs.model_validate({name: output.value for name, output in found.items()})
    except ValidationError as error:
        raise _refusal(error.errors(), found, source) from None  # pydantic's text would repeat the values


def _refusal(mistakes: list[ErrorDetails], found: dict[str, _Output], source: str) -> UsageError:
    missing = [str(mistake["loc"][0]) for mistake in mistakes if mistake["type"] == "missing"]
    if missing:
        return UsageError(
            f"the outputs of {source} lack {', '.join(missing)}",
            detail=f"it has {', '.join(sorted(found))}",
            hint="render the module anew with `candlefish terraform`, then `terraform apply` to its end",
        )
    return UsageError(
        f"the outputs of {source} are not those of the module that this candlefish renders",
        detail="; ".join(f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in mistakes),
        hint="render the module anew with `candlefish terraform`, then `terraform apply`",
    )


def _find_terraform() -> Path:
    try:
        return process.find_binary("terraform")
    except BinaryMissing as error:
        raise BinaryMissing(
            "the program terraform is not on this machine",
            detail=error.detail,
            hint="install Terraform 1.11 or later; or give what `terraform output -json` printed elsewhere as a file",
        ) from error


def _find_cause(stderr: str) -> str:
    text = _FRAME.sub("", stderr)
    cause = _CAUSE.search(text)
    return " ".join((cause[0] if cause else text).split())
