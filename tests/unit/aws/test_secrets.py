"""The versions of a secret, with a stand-in for AWS inside this process."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from candlefish.aws import secrets
from candlefish.errors import EngineError

NAME = "candlefish/app"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = secrets.connect(region="eu-central-1")
        client.create_secret(Name=NAME, SecretString=json.dumps({"username": "one", "password": "first"}))
        yield client


def current(client: Any) -> dict[str, str]:
    version = secrets.fetch_versions(client, NAME)[secrets.CURRENT]
    return secrets.fetch_secret(client, NAME, "username", "password", version=version)


def test_a_pending_version_changes_nothing_for_those_who_read(client: Any) -> None:
    secrets.put_pending(client, NAME, {"username": "two", "password": "second"})
    assert current(client) == {"username": "one", "password": "first"}


def test_a_promoted_version_is_current_and_the_one_before_is_previous(client: Any) -> None:
    before = secrets.fetch_versions(client, NAME)[secrets.CURRENT]
    version = secrets.put_pending(client, NAME, {"username": "two", "password": "second"})
    secrets.promote(client, NAME, version)
    assert current(client) == {"username": "two", "password": "second"}
    assert secrets.fetch_versions(client, NAME) == {secrets.CURRENT: version, secrets.PREVIOUS: before}


def test_a_promotion_that_was_cut_in_the_middle_is_finished(client: Any) -> None:
    before = secrets.fetch_versions(client, NAME)[secrets.CURRENT]
    version = secrets.put_pending(client, NAME, {"username": "two", "password": "second"})
    client.update_secret_version_stage(
        SecretId=NAME, VersionStage=secrets.CURRENT, MoveToVersionId=version, RemoveFromVersionId=before
    )
    secrets.promote(client, NAME, version)
    assert secrets.fetch_versions(client, NAME) == {secrets.CURRENT: version, secrets.PREVIOUS: before}


def test_a_second_pending_version_takes_the_label(client: Any) -> None:
    secrets.put_pending(client, NAME, {"username": "two", "password": "second"})
    version = secrets.put_pending(client, NAME, {"username": "two", "password": "third"})
    assert secrets.fetch_versions(client, NAME)[secrets.PENDING] == version


def test_a_secret_that_is_not_there_is_named_with_what_to_do(client: Any) -> None:
    with pytest.raises(EngineError, match="could not read the secret nobody") as missing:
        secrets.fetch_secret(client, "nobody", "password")
    assert "ResourceNotFoundException" in missing.value.detail
    assert "list-secrets" in missing.value.hint


@pytest.mark.parametrize("text", ["plain text", "[1]", '"text"'])
def test_a_secret_that_is_no_object_is_refused_and_not_shown(client: Any, text: str) -> None:
    client.create_secret(Name="odd", SecretString=text)
    with pytest.raises(EngineError, match="the secret odd is no JSON object") as refused:
        secrets.fetch_secret(client, "odd", "password")
    assert text not in str(refused.value)


@pytest.mark.parametrize("value", [{"username": "one"}, {"username": "one", "password": ""}, {"password": 7}])
def test_a_secret_without_its_keys_is_refused_and_not_shown(client: Any, value: dict[str, object]) -> None:
    client.create_secret(Name="odd", SecretString=json.dumps(value))
    with pytest.raises(EngineError, match=r"the secret odd has no .*password"):
        secrets.fetch_secret(client, "odd", "username", "password")


def test_without_a_region_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(EngineError, match="could not reach secretsmanager") as refused:
        secrets.connect()
    assert "region" in refused.value.hint
