"""The stand-in as Terraform meets it: the methods of the plugin protocol that a module without imports uses."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from tests.standin import NAME, lifecycle, policy, rules
from tests.standin.account import Account, Refused, random_password
from tests.standin.protocol import Value, decode, encode, error, message
from tests.standin.schema import PROVIDER, TypeName
from tests.standin.schema_of import Schema
from tests.standin.values import Naming, elements, fill
from tests.standin.write_only import Change

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
SCHEMAS = {
    "resource": "resource_schemas",
    "data": "data_source_schemas",
    "ephemeral": "ephemeral_resource_schemas",
}


class Provider:
    """Answers for one account, with the schemas of the types that its module uses."""

    def __init__(self, schemas: dict[TypeName, Schema], account: Account) -> None:
        self.schemas = schemas
        self.account = account
        self.served = _served(schemas)

    def answer(self, method: str, request: Any) -> Any:
        """Answer one call; what AWS would refuse becomes a message that names the stand-in."""
        response = message(f"{method}.Response")
        work: Callable[[Any], dict[str, Any]] | None = getattr(self, _snake(method), None)
        if work is None:
            return response()
        try:
            return response(**work(request))
        except Refused as refusal:
            summary = f"{request.type_name}: refused by the {NAME}"
            return response(diagnostics=[error(summary, str(refusal))])

    def schema(self, kind: str, name: str) -> Schema:
        """Give the schema of a type that Terraform asks about, which is one that was served."""
        return self.schemas[TypeName(kind, name)]

    def get_provider_schema(self, request: Any) -> dict[str, Any]:
        """Serve the schemas."""
        del request
        return self.served

    def configure_provider(self, request: Any) -> dict[str, Any]:
        """Take the region and the tags that everything gets."""
        config = decode(request.config)
        self.account.region = config.get("region") or self.account.region
        for one in elements(config.get("default_tags")):
            self.account.default_tags = dict(one.get("tags") or {})
        return {}

    def validate_resource_config(self, request: Any) -> dict[str, Any]:
        """Refuse what the provider's own code refuses."""
        found = rules.findings(request.type_name, decode(request.config))
        summary = f"{request.type_name}: refused by the {NAME}"
        return {"diagnostics": [error(summary, f"{name}: {reason}", name) for name, reason in found]}

    def upgrade_resource_state(self, request: Any) -> dict[str, Any]:
        """Take the state as it is: it was written with the same schema."""
        return {"upgraded_state": message("DynamicValue")(json=request.raw_state.json)}

    def read_resource(self, request: Any) -> dict[str, Any]:
        """Give the resource as it is in the account now."""
        found = self.account.resources.get(request.private.decode())
        return {"new_state": encode(found[1] if found else None), "private": request.private}

    def plan_resource_change(self, request: Any) -> dict[str, Any]:
        """Plan a creation, a change or a removal."""
        schema = self.schema("resource", request.type_name)
        prior, proposed = decode(request.prior_state), decode(request.proposed_new_state)
        planned = lifecycle.plan(schema, self.account, prior, proposed)
        return {"planned_state": encode(planned), "planned_private": request.prior_private}

    def apply_resource_change(self, request: Any) -> dict[str, Any]:
        """Make, change or remove the resource in the account."""
        key = request.planned_private.decode() or uuid.uuid4().hex
        change = Change(
            request.type_name,
            key,
            self.schema("resource", request.type_name),
            decode(request.prior_state),
            decode(request.planned_state),
            decode(request.config),
        )
        return {"new_state": encode(lifecycle.apply(change, self.account)), "private": key.encode()}

    def read_data_source(self, request: Any) -> dict[str, Any]:
        """Read what the account knows, or what needs no account."""
        value = decode(request.config)
        if request.type_name == "aws_iam_policy_document":
            value["json"] = policy.render(value)
            value["minified_json"] = policy.minified(value["json"])
        naming = Naming(request.type_name, self.account.region, "data", value)
        fill(self.schema("data", request.type_name), value, naming.leaf)
        return {"state": encode(value)}

    def open_ephemeral_resource(self, request: Any) -> dict[str, Any]:
        """Make a password, or read a secret; either is remembered, so that it can be searched for."""
        value = decode(request.config)
        for name, secret in self._secrets(request.type_name, value):
            value[name] = secret
            self.account.hand_over(request.type_name, name, "", secret)
            for part in parts(secret):
                self.account.hand_over(request.type_name, name, "", part)
        naming = Naming(request.type_name, self.account.region, "ephemeral", value)
        fill(self.schema("ephemeral", request.type_name), value, naming.leaf)
        return {"result": encode(value)}

    def _secrets(self, type_name: str, config: dict[str, Value]) -> Iterator[tuple[str, str]]:
        if type_name == "aws_secretsmanager_random_password":
            yield "random_password", random_password(config)
        elif type_name == "aws_secretsmanager_secret_version":
            yield "secret_string", self.account.get_secret(config["secret_id"])


def parts(secret: str) -> list[str]:
    """Give the secret values in the JSON of a secret: all but the user's name."""
    try:
        fields = json.loads(secret)
    except ValueError:
        return []
    return [value for name, value in fields.items() if name != "username"] if isinstance(fields, dict) else []


def _snake(method: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower()


def _served(schemas: dict[TypeName, Schema]) -> dict[str, Any]:
    served: dict[str, Any] = {field: {} for field in SCHEMAS.values()}
    for one, schema in schemas.items():
        if one.kind != PROVIDER.kind:
            served[SCHEMAS[one.kind]][one.name] = message("Schema")(block=_block(schema))
    return {**served, "provider": message("Schema")(block=_block(schemas[PROVIDER]))}


def _block(schema: Schema) -> Any:
    made = message("Schema.Block")()
    for name, attribute in sorted(schema["attributes"].items()):
        flags = {flag: value for flag, value in attribute.items() if flag != "type"}
        made.attributes.add(name=name, type=json.dumps(attribute["type"]).encode(), **flags)
    for name, nested in sorted(schema.get("block_types", {}).items()):
        limits = {limit: nested[limit] for limit in ("min_items", "max_items") if limit in nested}
        nesting = NESTING[nested["nesting_mode"]]
        made.block_types.add(type_name=name, block=_block(nested["block"]), nesting=nesting, **limits)
    return made
