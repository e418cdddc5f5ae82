"""A new token for the cache: ElastiCache takes the last one too until the next but one comes.

ROTATE adds a token and keeps the one before (ElastiCache User Guide, "Modifying the AUTH token on an existing
cluster"): clients have the whole time between two rotations to read the secret again. For the same reason a token that
a rotation has prepared is used to its end: a third one would push out the token that clients still use.
"""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from candlefish.aws import secrets
from candlefish.errors import EngineError, Unavailable
from candlefish.pooler.passwords import TOKEN_LENGTH, make_password

READY_TIMEOUT_S = 900.0
"""A change of token is carried out node by node, in minutes; after a quarter of an hour somebody has to look."""

READY_POLL_S = 10.0
"""Seconds between two questions whether the replication group is ready."""

ANSWER_S = 5.0
"""A login at a cache in the same network takes milliseconds."""

Say = Callable[[str], None]


def rotate_token(client: Any, cache: Any, secret: str, group: str, *, say: Say) -> None:
    """Give a replication group a new token, prove it, and make it the current one; raise EngineError.

    `client` is one of Secrets Manager, `cache` one of ElastiCache.
    """
    versions = secrets.fetch_versions(client, secret)
    pending = versions.get(secrets.PENDING, "")
    if pending and pending != versions.get(secrets.CURRENT):
        token = secrets.fetch_secret(client, secret, "auth_token", version=pending)["auth_token"]
    else:
        token = make_password(TOKEN_LENGTH)
        pending = secrets.put_pending(client, secret, {"auth_token": token})
    if _is_accepted(cache, group, token) is not True:
        with secrets.translated(f"could not give {group} a new token"):
            cache.modify_replication_group(
                ReplicationGroupId=group, AuthToken=token, AuthTokenUpdateStrategy="ROTATE", ApplyImmediately=True
            )
        _wait_until_ready(cache, group)
        _require_accepted(cache, group, token, say)
    secrets.promote(client, secret, pending)
    say(f"rotated {secret}: {group} takes the new token, and the last one until the next rotation")


def accepts_token(host: str, port: int, token: str, *, tls: bool = True) -> bool:
    """Tell whether a cache takes a token; raise Unavailable when it can't be asked."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_S) as plain:
            context = ssl.create_default_context() if tls else None
            with context.wrap_socket(plain, server_hostname=host) if context else plain as link:
                link.sendall(f"AUTH {token}\r\n".encode())
                return link.recv(64).startswith(b"+OK")
    except OSError as error:
        raise Unavailable(f"the cache {host}:{port} can't be reached", detail=str(error)) from None


def _is_accepted(cache: Any, group: str, token: str) -> bool | None:
    """Tell whether the group takes a token; None when it can't be asked from here."""
    address = _describe(cache, group)[1]
    try:
        return accepts_token(*address, token) if address else None
    except Unavailable:
        return None


def _require_accepted(cache: Any, group: str, token: str, say: Say) -> None:
    accepted = _is_accepted(cache, group, token)
    if accepted is None:
        say(f"warning: {group} can't be reached from here: that it takes the new token is AWS's word, not proved")
    if accepted is False:
        raise EngineError(
            f"{group} does not take its new token", hint="the secret keeps it as AWSPENDING: run `rotate` again"
        )


def _wait_until_ready(cache: Any, group: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not _describe(cache, group)[0]:
        if time.monotonic() > deadline:
            raise EngineError(
                f"{group} was not ready {READY_TIMEOUT_S:g} s after it was given a new token",
                hint="look at its events; then run `rotate` again, it goes on with the same token",
            )
        time.sleep(READY_POLL_S)


def _describe(cache: Any, group: str) -> tuple[bool, tuple[str, int] | None]:
    """Return whether the group is at rest, and where its primary answers."""
    with secrets.translated(f"could not look up the replication group {group}"):
        found = cache.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
    at_rest = found["Status"] == "available" and not found.get("PendingModifiedValues", {}).get("AuthTokenStatus")
    endpoint = found.get("ConfigurationEndpoint") or (found.get("NodeGroups") or [{}])[0].get("PrimaryEndpoint")
    return at_rest, (endpoint["Address"], int(endpoint["Port"])) if endpoint else None
