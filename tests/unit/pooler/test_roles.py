import base64
import hashlib
import hmac
from dataclasses import fields

import pytest

from candlefish.engines.secrets import Secrets
from candlefish.pooler.passwords import PASSWORD_LENGTH, make_password
from candlefish.pooler.roles import Names, ident, literal, make_statements, other_user, set_password
from candlefish.pooler.scram import make_verifier

NAMES = Names("shop", "candlefish_admin", "candlefish_app", "candlefish_monitor", "V1", "V2")


@pytest.mark.parametrize(
    ("user", "other"), [("app", "app_2"), ("app_2", "app"), ("candlefish_app", "candlefish_app_2")]
)
def test_the_users_take_turns(user: str, other: str) -> None:
    assert other_user(user) == other
    assert other_user(other) == user


def test_whichever_user_is_current_the_same_two_users_are_made() -> None:
    second = Names("shop", "candlefish_admin", "candlefish_app_2", "candlefish_monitor", "V1", "V2")
    made = [{line.sql for line in make_statements(names) if "create role" in line.sql} for names in (NAMES, second)]
    assert made[0] == made[1]
    assert len(made[0]) == 4


def test_only_the_current_user_and_the_monitor_get_a_password() -> None:
    lines = [line.sql for line in make_statements(NAMES) if " password " in line.sql]
    assert lines == [set_password("candlefish_app", "V1"), set_password("candlefish_monitor", "V2")]


def test_nothing_asks_for_a_superuser() -> None:
    text = "\n".join(line.sql for line in make_statements(NAMES))
    assert "superuser" not in text
    assert "replication" not in text


def test_names_and_texts_are_quoted() -> None:
    assert (ident('a"b'), literal("a'b")) == ('"a""b"', "'a''b'")


def test_a_verifier_proves_its_password_and_no_other() -> None:
    verifier = make_verifier("secret", b"0123456789abcdef")
    assert verifier == make_verifier("secret", b"0123456789abcdef")
    assert verifier != make_verifier("other", b"0123456789abcdef")
    assert make_verifier("secret") != make_verifier("secret")
    salted = hashlib.pbkdf2_hmac("sha256", b"secret", b"0123456789abcdef", 4096)
    server = base64.b64encode(hmac.digest(salted, b"Server Key", "sha256")).decode()
    assert verifier.endswith(f":{server}")


def test_a_verifier_is_that_of_the_local_tier_for_the_same_salt() -> None:
    salt = base64.b64encode(b"0123456789abcdef").decode()
    local = Secrets(**dict.fromkeys((field.name for field in fields(Secrets)), "") | {"salt": salt})
    assert local.verifier("secret") == make_verifier("secret", b"0123456789abcdef")


def test_a_password_is_long_and_has_nothing_to_quote() -> None:
    password = make_password()
    assert (len(password), password.isascii(), password.isalnum()) == (PASSWORD_LENGTH, True, True)
    assert len({make_password() for _ in range(100)}) == 100
