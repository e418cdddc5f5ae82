"""`rotate`: new passwords for the application's next user and the administrator, a new token for the cache.

Each secret goes the same way: a pending version, the password where it is used, a login that proves it, the label.
A rotation that was interrupted is found by its pending version, and finished before anything new begins.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import asyncpg

from candlefish.aws import secrets
from candlefish.errors import CandlefishError, EngineError, UsageError
from candlefish.pooler.cache_token import rotate_token
from candlefish.pooler.credentials import Login
from candlefish.pooler.environment import Reader, Server, read_server
from candlefish.pooler.login import LoginRefused, open_connection, try_login
from candlefish.pooler.passwords import make_password
from candlefish.pooler.roles import other_user, set_password
from candlefish.pooler.scram import make_verifier

ANNOUNCE_S = 150.0
"""Between the new password and the label that makes applications use it: two and a half of the poolers' looks at the
secret (60 s each), so that each of them knows the password before the first client comes with it."""

LOCK = 0x63616E646C65
"""The key of the advisory lock that two rotations can't both have: "candle"."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RotationEnvironment:
    """What `rotate` goes by; without a replication group there is no cache to give a token."""

    server: Server
    admin_secret: str
    app_secret: str
    cache_secret: str
    replication_group: str
    announce_s: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One secret of the database: the login that is current, the one that comes, and its version ("": none yet)."""

    secret: str
    current: Login
    next: Login
    version: str


def read_rotation(env: Mapping[str, str]) -> RotationEnvironment:
    """Return what `rotate` goes by; raise UsageError that names every mistake."""
    reader = Reader(env)
    group, cache = reader.text("REDIS_REPLICATION_GROUP_ID", ""), reader.text("AWS_REDIS_SECRET_NAME", "")
    if bool(group) != bool(cache):
        reader.problems.append("REDIS_REPLICATION_GROUP_ID and AWS_REDIS_SECRET_NAME go together: one is missing")
    found = RotationEnvironment(
        server=read_server(reader),
        admin_secret=reader.text("AWS_ADMIN_SECRET_NAME"),
        app_secret=reader.text("AWS_SECRET_NAME"),
        cache_secret=cache,
        replication_group=group,
        announce_s=reader.number("ANNOUNCE_S", ANNOUNCE_S, low=0, high=3600),
    )
    reader.finish()
    return found


def rotate(environment: RotationEnvironment, *, dry_run: bool, say: Say) -> None:
    """Rotate all, the cache even where the database fails; raise the errors that came."""
    with closing(secrets.connect()) as client:
        _rotate(environment, client, dry_run, say)


def _rotate(environment: RotationEnvironment, client: Any, dry_run: bool, say: Say) -> None:
    admin = find_turn(client, environment.admin_secret, lambda name: name)
    app = find_turn(client, environment.app_secret, other_user)
    if dry_run:
        _tell(environment, (app, admin), say)
        return
    failed = []
    try:
        asyncio.run(_rotate_database(environment, client, admin, app, say))
    except CandlefishError as error:
        failed.append(error)
    if environment.replication_group:
        try:
            with closing(secrets.connect("elasticache")) as cache:
                rotate_token(client, cache, environment.cache_secret, environment.replication_group, say=say)
        except CandlefishError as error:
            failed.append(error)
    if failed:
        raise _join(failed)


def find_turn(client: Any, secret: str, next_name: Callable[[str], str]) -> Turn:
    """Return whose turn it is, with the password that an interrupted rotation has prepared, or a new one."""
    versions = secrets.fetch_versions(client, secret)
    current = _fetch_login(client, secret, versions.get(secrets.CURRENT, ""))
    name, pending = next_name(current.username), versions.get(secrets.PENDING, "")
    if pending and pending != versions.get(secrets.CURRENT):
        prepared = _fetch_login(client, secret, pending)
        if prepared.username == name:
            return Turn(secret, current, prepared, pending)
    return Turn(secret, current, Login(name, make_password()), "")


def _fetch_login(client: Any, secret: str, version: str) -> Login:
    value = secrets.fetch_secret(client, secret, "username", "password", version=version)
    return Login(value["username"], value["password"])


def _tell(environment: RotationEnvironment, turns: tuple[Turn, ...], say: Say) -> None:
    for turn in turns:
        state = "finish the rotation that was begun" if turn.version else "a new password"
        say(f"would rotate {turn.secret}: {state} for {turn.next.username}; current is {turn.current.username}")
    if environment.replication_group:
        say(f"would rotate {environment.cache_secret}: a new token for {environment.replication_group}")


async def _rotate_database(environment: RotationEnvironment, client: Any, admin: Turn, app: Turn, say: Say) -> None:
    connection = await _open_as_admin(environment.server, admin)
    try:
        if not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):
            raise EngineError(
                f"another rotation of {environment.server.database} is at work", hint="let it finish, then run it again"
            )
        await _turn(environment.server, client, connection, app, say, lambda: _announce(environment, app, say))
        await _turn(environment.server, client, connection, admin, say)
    finally:
        await connection.close(timeout=5)


async def _open_as_admin(server: Server, admin: Turn) -> Any:
    """Log in with the current password, or with the pending one when an interrupted rotation has set it already."""
    try:
        return await open_connection(server, admin.current, origin=f"the secret {admin.secret}")
    except LoginRefused:
        if not admin.version:
            raise
        return await open_connection(server, admin.next, origin=f"the pending version of the secret {admin.secret}")


async def _turn(
    server: Server,
    client: Any,
    connection: Any,
    turn: Turn,
    say: Say,
    before_label: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Give the next login its password, prove it, and make it the current one."""
    version = turn.version or secrets.put_pending(
        client, turn.secret, {"username": turn.next.username, "password": turn.next.password}
    )
    await _set_password(connection, turn.next)
    await try_login(server, turn.next, origin=f"the pending version of the secret {turn.secret}")
    if before_label:
        await before_label()
    secrets.promote(client, turn.secret, version)
    resumed = " (begun by an earlier rotation)" if turn.version else ""
    say(f"rotated {turn.secret}: current is {turn.next.username}{resumed}")


async def _set_password(connection: Any, login: Login) -> None:
    try:
        await connection.execute(set_password(login.username, make_verifier(login.password)))
    except asyncpg.UndefinedObjectError:
        raise UsageError(
            f"there is no user {login.username} in the database", hint="make the roles first: `bootstrap`"
        ) from None
    except asyncpg.PostgresError as error:
        raise EngineError(f"the database refuses a new password for {login.username}", detail=str(error)) from None


async def _announce(environment: RotationEnvironment, app: Turn, say: Say) -> None:
    say(f"{app.next.username} can log in; {environment.announce_s:g} s for every pooler to learn it")
    await asyncio.sleep(environment.announce_s)


def _join(errors: list[CandlefishError]) -> CandlefishError:
    if len(errors) == 1:
        return errors[0]
    return EngineError(
        "; ".join(error.message for error in errors),
        detail="; ".join(error.detail for error in errors if error.detail),
        hint="mend both and run `rotate` again: it goes on where it stopped",
    )
