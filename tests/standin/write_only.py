"""What is handed over and not kept in any state: passwords, tokens, the values of secrets."""

from dataclasses import dataclass

from tests.standin.account import Account
from tests.standin.protocol import Value
from tests.standin.schema_of import Schema

OWNERS = ("identifier", "replication_group_id", "secret_id", "id")
"""Attributes of which the first that is set names the resource."""


State = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Change:
    """What Terraform asks to be done to one resource: `prior` is None for a new one, `planned` for one that goes."""

    type_name: str
    key: str
    schema: Schema
    prior: State | None
    planned: State | None
    config: State | None


def hand_over(change: Change, made: State, account: Account) -> None:
    """Hand over what is write-only, once when the resource is made and again when the version beside it has changed."""
    owner = next((str(made[name]) for name in OWNERS if made.get(name)), "")
    for name, attribute in change.schema["attributes"].items():
        value = (change.config or {}).get(name)
        if not attribute.get("write_only") or not isinstance(value, str):
            continue
        version = f"{name}_version"
        if change.prior is None or change.prior.get(version) != made.get(version):
            account.hand_over(change.type_name, name, owner, value)
            if change.type_name == "aws_secretsmanager_secret_version":
                account.put_secret(owner, value)
