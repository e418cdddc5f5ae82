"""The data source aws_iam_policy_document, which needs no AWS: statements in, the JSON of a policy out.

After `internal/service/iam/policy_document_data_source.go` and `policy_model.go` of the provider: single values stand
alone, several as a sorted list, and `&{...}` stands for IAM's own `${...}`.
"""

import json
from typing import Any

Statement = dict[str, Any]

DEFAULT_VERSION = "2012-10-17"


def render(config: dict[str, Any]) -> str:
    """Give the policy as the provider prints it."""
    statements: list[Statement] = []
    for source in config.get("source_policy_documents") or []:
        statements += _statements_of(source)
    statements += [_statement(one) for one in config.get("statement") or []]
    for source in config.get("override_policy_documents") or []:
        statements = _override(statements, _statements_of(source))
    policy: dict[str, Any] = {"Version": config.get("version") or DEFAULT_VERSION}
    if config.get("policy_id"):
        policy["Id"] = config["policy_id"]
    return json.dumps({**policy, "Statement": statements}, indent=2)


def minified(policy: str) -> str:
    """Give the same policy without white space."""
    return json.dumps(json.loads(policy), separators=(",", ":"))


def _statement(given: Statement) -> Statement:
    made: Statement = {"Sid": given["sid"]} if given.get("sid") else {}
    made["Effect"] = given.get("effect") or "Allow"
    for key, name in (
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ):
        if given.get(key):
            made[name] = _one_or_more(given[key])
    for key, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if given.get(key):
            made[name] = _principals(given[key])
    if given.get("condition"):
        made["Condition"] = _conditions(given["condition"])
    return made


def _principals(given: list[Statement]) -> Any:
    if [(one["type"], list(one["identifiers"])) for one in given] == [("*", ["*"])]:
        return "*"
    merged: dict[str, list[str]] = {}
    for one in given:
        merged.setdefault(one["type"], []).extend(one["identifiers"])
    return {kind: _one_or_more(identifiers) for kind, identifiers in sorted(merged.items())}


def _conditions(given: list[Statement]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for one in given:
        made.setdefault(one["test"], {})[_own_variables(one["variable"])] = _one_or_more(one["values"], ordered=True)
    return made


def _one_or_more(values: list[str], ordered: bool = False) -> Any:
    found = [_own_variables(value) for value in (values if ordered else sorted(set(values)))]
    return found[0] if len(found) == 1 else found


def _own_variables(text: str) -> str:
    return text.replace("&{", "${")


def _statements_of(policy: str) -> list[Statement]:
    found = json.loads(policy).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _override(statements: list[Statement], others: list[Statement]) -> list[Statement]:
    by_sid = {one["Sid"]: one for one in others if one.get("Sid")}
    kept = [by_sid.pop(one.get("Sid", ""), one) for one in statements]
    return kept + [one for one in others if not one.get("Sid") or one["Sid"] in by_sid]
