"""The SCRAM-SHA-256 verifier of a password, so that no password in clear reaches the server or its log."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096
"""PostgreSQL 15's own number of rounds (`SCRAM_DEFAULT_ITERATIONS` in src/include/common/scram-common.h)."""


def make_verifier(password: str, salt: bytes = b"") -> str:
    """Return what `ALTER ROLE ... PASSWORD` takes in place of the password (RFC 5803; PostgreSQL, "pg_authid")."""
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
