"""How a resource comes to be, changes and goes."""

from tests.standin.account import Account, Refused
from tests.standin.protocol import UNKNOWN
from tests.standin.schema_of import Schema
from tests.standin.values import Naming, fill, tags_all
from tests.standin.write_only import Change, State, hand_over

PROTECTIONS = ("deletion_protection", "enable_deletion_protection", "deletion_protection_enabled")


def plan(schema: Schema, account: Account, prior: State | None, proposed: State | None) -> State | None:
    """Give the resource as it will be: of a new one what AWS decides is unknown, of an old one it stays as it is."""
    if proposed is None:
        return None
    if "region" in schema["attributes"] and proposed.get("region") is None:
        proposed["region"] = account.region
    if "tags_all" in schema["attributes"]:
        proposed["tags_all"] = tags_all(proposed, account.default_tags)
    fill(schema, proposed, lambda *_: UNKNOWN, unset=prior is None)
    return proposed


def apply(change: Change, account: Account) -> State | None:
    """Do what was planned, in the account."""
    with account.lock:
        if change.planned is None:
            _remove(change, account)
            return None
        if change.type_name in account.refused:
            raise Refused(f"InsufficientDBInstanceCapacity: no {change.type_name} can be had just now")
        naming = Naming(change.type_name, account.region, change.key, change.planned)
        fill(change.schema, change.planned, naming.leaf, unset=False)
        hand_over(change, change.planned, account)
        account.resources[change.key] = (change.type_name, change.planned)
        return change.planned


def _remove(change: Change, account: Account) -> None:
    for name in PROTECTIONS:
        if change.prior and change.prior.get(name) is True:
            raise Refused(f"{change.prior.get('id')} can't be deleted: {name} is true")
    account.resources.pop(change.key, None)
