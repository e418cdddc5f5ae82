"""The account gives passwords as Secrets Manager does, and forgets none."""

import string

import pytest
from tests.standin.account import PUNCTUATION, Account, Refused, random_password


def test_a_password_has_the_length_that_was_asked_for() -> None:
    assert len(random_password({"password_length": 48})) == 48
    assert len(random_password({})) == 32


def test_no_password_comes_twice() -> None:
    assert len({random_password({}) for _ in range(50)}) == 50


def test_a_password_holds_one_of_each_kind_that_is_not_excluded() -> None:
    password = {*random_password({"password_length": 8})}
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, PUNCTUATION)
    assert all(password & {*kind} for kind in kinds)


@pytest.mark.parametrize(
    ("flag", "excluded"),
    [
        ("exclude_punctuation", PUNCTUATION),
        ("exclude_numbers", string.digits),
        ("exclude_lowercase", string.ascii_lowercase),
        ("exclude_uppercase", string.ascii_uppercase),
    ],
)
def test_what_is_excluded_is_never_in_a_password(flag: str, excluded: str) -> None:
    assert not {*random_password({"password_length": 4096, flag: True})} & {*excluded}


def test_single_characters_can_be_excluded() -> None:
    assert not {*random_password({"password_length": 4096, "exclude_characters": '/@" '})} & {*'/@" '}


def test_a_password_too_short_for_its_kinds_is_refused() -> None:
    with pytest.raises(Refused):
        random_password({"password_length": 3})


def test_a_secret_without_a_value_is_refused_as_aws_does() -> None:
    with pytest.raises(Refused, match="AWSCURRENT"):
        Account().get_secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:none")


def test_every_secret_that_was_handed_over_is_remembered() -> None:
    account = Account()
    account.hand_over("aws_db_instance", "password_wo", "main", "first")
    account.hand_over("aws_db_instance", "password_wo", "main", "second")
    assert account.secret_values() == {"first", "second"}
    assert account.last_given("aws_db_instance", "password_wo", "main") == "second"
