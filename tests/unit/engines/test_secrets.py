"""Passwords are made once, and their verifiers are what PostgreSQL would make."""

import base64
import hashlib
import hmac
import stat
from pathlib import Path

from candlefish.engines.secrets import SCRAM_ITERATIONS, load_secrets
from candlefish.engines.state import State


def make_state(tmp_path: Path) -> State:
    state = State(tmp_path / "tier")
    state.root.mkdir()
    return state


def test_the_second_call_gives_the_same_passwords(tmp_path: Path) -> None:
    state = make_state(tmp_path)
    assert load_secrets(state) == load_secrets(state)


def test_no_two_roles_share_a_password(tmp_path: Path) -> None:
    made = load_secrets(make_state(tmp_path))
    values = [getattr(made, name) for name in made.__slots__]
    assert len(set(values)) == len(values)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    state = make_state(tmp_path)
    load_secrets(state)
    assert stat.S_IMODE(state.secrets.stat().st_mode) == 0o600


def test_a_verifier_proves_its_password(tmp_path: Path) -> None:
    made = load_secrets(make_state(tmp_path))
    kind, parameters, keys = made.verifier("secret").split("$")
    iterations, salt = parameters.split(":")
    stored, server = keys.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", b"secret", base64.b64decode(salt), int(iterations))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    assert (kind, int(iterations)) == ("SCRAM-SHA-256", SCRAM_ITERATIONS)
    assert base64.b64decode(stored) == hashlib.sha256(client_key).digest()
    assert base64.b64decode(server) == hmac.digest(salted, b"Server Key", "sha256")
