"""Names, passwords and certificate of the pooler, from wherever they are kept, read again while it runs."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from candlefish.errors import EngineError
from candlefish.plan.pgbouncer import STATISTICS_ROLE
from candlefish.pooler.environment import USER_NAME, CertificateSource, LoginSource, PoolerEnvironment
from candlefish.pooler.passwords import make_password


@dataclass(frozen=True, slots=True)
class Login:
    """A user and the password, which is never shown."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate (with its chain) and its key, both PEM."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that the pooler knows: `current` logs in to the servers, `others` may still, or already, log in to it.

    `others` come in the order of their weight: a password that a rotation has prepared stands before the last one.
    """

    current: Login
    others: tuple[Login, ...]
    monitor: Login
    certificate: Certificate | None


def make_reader(environment: PoolerEnvironment) -> Callable[[], Credentials]:
    """Return a function that reads the credentials; raises EngineError when one can't be read."""
    read_secret = _make_secret_reader()
    own = Login(STATISTICS_ROLE, make_password())

    def read() -> Credentials:
        current, *others = _read_logins(environment.app, read_secret)
        monitor = _read_logins(environment.monitor, read_secret)[0] if environment.monitor else own
        if monitor.username in {login.username for login in (current, *others)}:
            raise EngineError(
                f"the monitoring user and the application's user are both {monitor.username}",
                hint="give monitoring a user of its own: it may look at the pooler's console",
            )
        certificate = _read_certificate(environment.certificate, read_secret) if environment.certificate else None
        return Credentials(current, tuple(others), monitor, certificate)

    return read


def fetch_login(source: LoginSource) -> Login:
    """Read one login as it is now; raise EngineError."""
    return _read_logins(source, _make_secret_reader())[0]


ReadSecret = Callable[..., list[dict[str, str]]]


def _make_secret_reader() -> ReadSecret:
    """Return a function that reads the versions of an AWS secret, and reads them again only when a label has moved."""
    client: list[Any] = []
    known: dict[str, tuple[dict[str, str], list[dict[str, str]]]] = {}

    def read(name: str, *keys: str) -> list[dict[str, str]]:
        from candlefish.aws import secrets  # 0.3 s of imports that a pooler without AWS spares

        if not client:
            client.append(secrets.connect())
        versions = secrets.fetch_versions(client[0], name)
        if name in known and known[name][0] == versions:
            return known[name][1]
        current = versions.get(secrets.CURRENT, "")
        values = [secrets.fetch_secret(client[0], name, *keys, version=current)]
        for version in (versions.get(secrets.PENDING), versions.get(secrets.PREVIOUS)):
            if version and version != current:
                with contextlib.suppress(EngineError):  # a label may stand on a version that has no value yet
                    values += [secrets.fetch_secret(client[0], name, *keys, version=version)]
        known[name] = (versions, values)
        return values

    return read


def _read_logins(source: LoginSource, read_secret: ReadSecret) -> list[Login]:
    if source.secret:
        values = read_secret(source.secret, "username", "password")
        logins = [Login(value["username"], value["password"]) for value in values]
    else:
        logins = [Login(source.username, read_text(source.file) if source.file else source.password)]
    for login in logins:
        if not USER_NAME.fullmatch(login.username):
            raise EngineError(f"{source.shown} holds a user name that can't be: {login.username!r}")
        if not login.password.isprintable() or not login.password:
            raise EngineError(f"{source.shown} holds a password with characters that PgBouncer can't take, or none")
    return logins


def _read_certificate(source: CertificateSource, read_secret: ReadSecret) -> Certificate:
    if source.secret:
        value = read_secret(source.secret, "certificate", "private_key")[0]
        return Certificate(value["certificate"], value["private_key"])
    return Certificate(
        read_text(source.certificate_file) if source.certificate_file else source.certificate,
        read_text(source.key_file) if source.key_file else source.key,
    )


def read_text(path: str) -> str:
    """Return what a file with a secret holds, without the newline at its end; raise EngineError."""
    try:
        return Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"could not read the secret in {path}",
            detail=getattr(error, "strerror", "") or "it is no text",
            hint="see that it is mounted, and readable for the user of the container (uid 10001)",
        ) from None
