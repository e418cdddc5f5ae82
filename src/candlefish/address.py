"""Addresses of PostgreSQL databases: read, said without their password, and why a server refused one."""

import re
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from candlefish.errors import CandlefishError, EngineError, UsageError

HOW_TO_WRITE: Final = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password"


def parse_address(address: str) -> dict[str, Any]:
    """Return libpq's parameters of an address, SQLAlchemy's `postgresql+driver://` too.

    Raises UsageError for one that libpq does not understand.
    """
    try:
        return dict(conninfo_to_dict(re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", address)))
    except psycopg.ProgrammingError as error:
        reason = str(error).strip().replace(address, "the address")
        raise UsageError("the address of the database is wrong", detail=reason, hint=HOW_TO_WRITE) from error


def describe(address: str) -> str:
    """Return the database, host and port of an address."""
    parts = parse_address(address)
    name = parts.get("dbname") or parts.get("user") or ""
    return f"{name} on {parts.get('host', 'localhost')}:{parts.get('port', 5432)}"


def split_password(address: str) -> tuple[str, dict[str, str]]:
    """Return a connection string without its password, and the environment that carries the password."""
    parts = parse_address(address)
    password = parts.pop("password", None)
    return make_conninfo("", **parts), {} if password is None else {"PGPASSWORD": str(password)}


def explain_refusal(message: str, shown: str) -> CandlefishError:
    """Turn what libpq says of a failed connection into an error a reader can act on."""
    message = "; ".join(line.strip() for line in message.strip().splitlines())
    if "does not exist" in message and "database" in message:
        return UsageError(f"there is no database {shown}", detail=message, hint="list them with `psql -l`")
    if any(word in message for word in ('role "', "password", "authentication", "pg_hba.conf")):
        return UsageError(f"the server of {shown} refused the login", detail=message, hint=HOW_TO_WRITE)
    return EngineError(
        f"could not reach {shown}", detail=message, hint="check the host, the port, and the firewalls between"
    )
