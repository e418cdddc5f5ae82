"""Passwords of a tier: generated once, kept in one file of mode 0600."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, fields

from candlefish.engines.state import State

SCRAM_ITERATIONS = 4096
"""PostgreSQL 15's own number of rounds (`SCRAM_DEFAULT_ITERATIONS` in src/include/common/scram-common.h)."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """One password for each role and service."""

    superuser: str
    replicator: str
    rewind: str
    admin: str
    app: str
    monitor: str
    pooler: str
    patroni: str
    etcd: str
    redis: str
    salt: str

    def verifier(self, password: str) -> str:
        """Return the SCRAM-SHA-256 verifier of a password.

        PgBouncer can log in to the server with what a client proved to it only if both hold the
        identical verifier, so it is made here, with the tier's own salt, and given to both.
        """
        salt = base64.b64decode(self.salt)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        stored = base64.b64encode(hashlib.sha256(client_key).digest()).decode()
        server = base64.b64encode(hmac.digest(salted, b"Server Key", "sha256")).decode()
        return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{self.salt}${stored}:{server}"


def load_secrets(state: State) -> Secrets:
    """Return the tier's passwords, made on the first call; a password that is missing is added."""
    known = state.read_json(state.secrets) or {}
    made = {field.name: secrets.token_urlsafe(24) for field in fields(Secrets)}
    made["salt"] = base64.b64encode(secrets.token_bytes(16)).decode()
    found = Secrets(**{name: known.get(name, value) for name, value in made.items()})
    state.write(state.secrets, json.dumps(asdict(found), indent=2) + "\n")
    return found
