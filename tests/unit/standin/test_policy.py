"""A policy document becomes the policy that the provider prints."""

import json
from typing import Any

from tests.standin import policy


def rendered(**config: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(policy.render(config))
    return document


def test_a_statement_allows_unless_it_says_otherwise() -> None:
    document = rendered(statement=[{"actions": ["s3:GetObject"], "resources": ["*"]}])
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert document == {"Version": "2012-10-17", "Statement": [statement]}


def test_several_values_are_a_list_in_order() -> None:
    (statement,) = rendered(statement=[{"actions": ["b", "a", "b"], "resources": ["y", "x"], "effect": "Deny"}])[
        "Statement"
    ]
    assert statement == {"Effect": "Deny", "Action": ["a", "b"], "Resource": ["x", "y"]}


def test_principals_stand_under_their_kind() -> None:
    principals = [{"type": "Service", "identifiers": ["a"]}, {"type": "AWS", "identifiers": ["c", "b"]}]
    (statement,) = rendered(statement=[{"principals": principals}])["Statement"]
    assert statement["Principal"] == {"Service": "a", "AWS": ["b", "c"]}


def test_everybody_is_a_star() -> None:
    (statement,) = rendered(statement=[{"principals": [{"type": "*", "identifiers": ["*"]}]}])["Statement"]
    assert statement["Principal"] == "*"


def test_conditions_of_one_test_stand_together() -> None:
    conditions = [
        {"test": "StringEquals", "variable": "a", "values": ["1"]},
        {"test": "StringEquals", "variable": "b", "values": ["2", "3"]},
    ]
    (statement,) = rendered(statement=[{"condition": conditions}])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"a": "1", "b": ["2", "3"]}}


def test_variables_of_iam_are_written_as_iam_reads_them() -> None:
    (statement,) = rendered(statement=[{"resources": ["arn:aws:s3:::bucket/&{aws:username}/*"]}])["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::bucket/${aws:username}/*"


def test_statements_of_other_documents_come_first_and_can_be_overridden() -> None:
    base = policy.render({"statement": [{"sid": "A", "actions": ["a"]}, {"actions": ["b"]}]})
    other = policy.render({"statement": [{"sid": "A", "actions": ["z"]}, {"sid": "C", "actions": ["c"]}]})
    document = rendered(
        source_policy_documents=[base], statement=[{"actions": ["own"]}], override_policy_documents=[other]
    )
    assert [one["Action"] for one in document["Statement"]] == ["z", "b", "own", "c"]


def test_the_minified_policy_is_the_same_one() -> None:
    text = policy.render({"statement": [{"actions": ["a"]}]})
    assert json.loads(policy.minified(text)) == json.loads(text)
    assert " " not in policy.minified(text)
