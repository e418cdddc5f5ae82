"""AWS Secrets Manager: the versions of a secret by their labels, and the steps of a rotation.

Labels are AWS's own: AWSCURRENT is what applications read, AWSPREVIOUS what they read before, AWSPENDING what a
rotation has prepared ("How rotation works", AWS Secrets Manager User Guide).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from candlefish.errors import EngineError

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"

CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ATTEMPTS = 5, 10, 3
"""An endpoint that does not answer is an error within a minute; botocore's own defaults wait 60 s for each of both."""

_HINTS = {
    "AccessDeniedException": "let the role call it on this secret, and kms:Decrypt on the key that encrypts it",
    "DecryptionFailure": "let the role call kms:Decrypt on the key that encrypts it, and see that the key is enabled",
    "InvalidRequestException": "it may be marked for deletion: `aws secretsmanager restore-secret`",
    "ResourceNotFoundException": "compare the name with `aws secretsmanager list-secrets` in the same region",
}
_ROUTE = "see that there are credentials and a region, and a way to Secrets Manager: an interface endpoint, or NAT"


def connect(service: str = "secretsmanager", *, region: str = "") -> Any:
    """Return a client of an AWS service with short time limits; the region is the environment's unless given."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
    with translated(f"could not reach {service}"):
        return boto3.client(service, config=config, region_name=region or None)  # type: ignore[call-overload]


@contextmanager
def translated(message: str) -> Iterator[None]:
    """Turn what botocore raises into EngineError; its cause is left out, because it could repeat the request."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        code = said.get("Code", "")
        raise EngineError(message, detail=f"{code}: {said.get('Message', '')}", hint=_HINTS.get(code, "")) from None
    except BotoCoreError as error:
        raise EngineError(message, detail=str(error), hint=_ROUTE) from None


def fetch_versions(client: Any, name: str) -> dict[str, str]:
    """Return the version that carries each label; this costs no reading of the secret itself."""
    with translated(f"could not look up the secret {name}"):
        versions = client.describe_secret(SecretId=name).get("VersionIdsToStages", {})
    return {label: version for version, labels in versions.items() for label in labels}


def fetch_secret(client: Any, name: str, *keys: str, version: str = "") -> dict[str, str]:
    """Return a JSON secret that holds `keys`: one version of it, or the current one; raise EngineError."""
    wanted = {"VersionId": version} if version else {"VersionStage": CURRENT}
    with translated(f"could not read the secret {name}"):
        text = client.get_secret_value(SecretId=name, **wanted).get("SecretString", "")
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    shape = json.dumps(dict.fromkeys(keys, "..."))
    if not isinstance(values, dict):
        raise EngineError(f"the secret {name} is no JSON object", hint=f"write it as {shape}")
    missing = [key for key in keys if not isinstance(values.get(key), str) or not values[key]]
    if missing:
        raise EngineError(f"the secret {name} has no {' and no '.join(missing)}", hint=f"write it as {shape}")
    return {key: values[key] for key in keys}


def put_pending(client: Any, name: str, values: Mapping[str, str]) -> str:
    """Store a version that nobody uses yet, and return its id."""
    with translated(f"could not store a pending version of the secret {name}"):
        answer = client.put_secret_value(SecretId=name, SecretString=json.dumps(dict(values)), VersionStages=[PENDING])
    return str(answer["VersionId"])


def promote(client: Any, name: str, version: str) -> None:
    """Make a pending version the current one; the one that was current becomes the previous one.

    AWS moves AWSPREVIOUS by itself (API reference, UpdateSecretVersionStage).
    """
    current = fetch_versions(client, name).get(CURRENT, "")
    with translated(f"could not make the pending version of the secret {name} the current one"):
        if current != version:
            move = {"RemoveFromVersionId": current} if current else {}
            client.update_secret_version_stage(SecretId=name, VersionStage=CURRENT, MoveToVersionId=version, **move)
        client.update_secret_version_stage(SecretId=name, VersionStage=PENDING, RemoveFromVersionId=version)
