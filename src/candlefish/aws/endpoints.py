"""The endpoints of a tier on AWS, by the names of a local one: an application moves by its environment alone."""

from dataclasses import dataclass
from urllib.parse import quote

from candlefish.aws.outputs import TierOutputs
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

ENCRYPTED = "sslmode=require"
"""Encrypted, and the server's certificate not looked at: PgBouncer signs its own unless it is given one, and the
authorities of RDS are in no system's trust store (RDS User Guide, "Using SSL/TLS to encrypt a connection")."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the database; the application's name alternates when its password is rotated."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What Secrets Manager holds for those who use the tier."""

    admin: Login
    app: Login
    redis_token: str


@dataclass(frozen=True, slots=True)
class Authorities:
    """Files with the authorities that signed PgBouncer's and the database's certificates; empty: not verified."""

    pooler: str = ""
    database: str = ""


UNVERIFIED = Authorities()


def fetch_secrets(outputs: TierOutputs) -> Secrets:
    """Read the secrets that the outputs name, with the credentials that boto3 finds.

    Raises EngineError, in which no secret stands; UsageError where boto3 is not installed.
    """
    try:
        from candlefish.aws.secrets import connect, fetch_secret
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("candlefish"):
            raise
        raise UsageError(
            f"reading secrets from AWS needs {error.name}", hint='pip install "candlefish[aws]"'
        ) from error
    client = connect(region=outputs.region)

    def login(arn: str) -> Login:
        secret = fetch_secret(client, arn, "username", "password")
        return Login(secret["username"], secret["password"])

    return Secrets(
        admin=login(outputs.admin_secret_arn),
        app=login(outputs.app_secret_arn),
        redis_token=fetch_secret(client, outputs.redis_secret_arn, "auth_token")["auth_token"],
    )


def make_endpoints(outputs: TierOutputs, secrets: Secrets, authorities: Authorities = UNVERIFIED) -> Endpoints:
    """Give the endpoints of the tier: the pooler behind its load balancer, the database itself, the cache over TLS."""
    pooler = f"{outputs.pgbouncer_host}:{outputs.pgbouncer_port}"

    def pooled(endpoint: str) -> str:
        return _postgresql_url(secrets.app, pooler, f"{outputs.database}_{endpoint}", authorities.pooler)

    cache = f"default:{_quoted(secrets.redis_token)}@{outputs.redis_endpoint}"
    replicas = max(1, len(outputs.db_replica_addresses))  # without any, read_1 leads to the primary, as it does locally
    return Endpoints(
        main_url=pooled("main"),
        read_url=pooled("read"),
        read_urls=tuple(pooled(f"read_{number + 1}") for number in range(replicas)),
        session_url=pooled("session"),
        analytics_url=pooled("analytics"),
        admin_url=_postgresql_url(secrets.admin, outputs.db_instance_endpoint, outputs.database, authorities.database),
        redis_url=f"rediss://{cache}/0",
        sentinel_url="",
        pgbouncer_host=outputs.pgbouncer_host,
        pgbouncer_port=outputs.pgbouncer_port,
        redis_endpoint=outputs.redis_endpoint,
        redis_auth_token=secrets.redis_token,
        redis_cluster_url=f"rediss+cluster://{cache}" if outputs.redis_cluster_mode else "",
    )


def _postgresql_url(login: Login, address: str, database: str, authority: str) -> str:
    tls = f"sslmode=verify-full&sslrootcert={quote(authority)}" if authority else ENCRYPTED
    return f"postgresql://{_quoted(login.user)}:{_quoted(login.password)}@{address}/{_quoted(database)}?{tls}"


def _quoted(text: str) -> str:
    return quote(text, safe="")
