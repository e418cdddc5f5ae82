"""Each finding of the pure check has its name, and a module that is right has none."""

from textwrap import dedent

import pytest
from tests.standin.hcl import blocks
from tests.standin.hcl_check import admits
from tests.standin.hcl_names import locals_as_blocks, name_findings
from tests.standin.hcl_schema import schema_findings
from tests.standin.schema import PROVIDER, TypeName
from tests.standin.schema_of import Schema

SCHEMAS: dict[TypeName, Schema] = {
    PROVIDER: {"attributes": {"region": {"type": "string", "optional": True}}},
    TypeName("resource", "aws_thing"): {
        "attributes": {
            "id": {"type": "string", "computed": True},
            "name": {"type": "string", "required": True},
            "count_of": {"type": "number", "optional": True},
            "names": {"type": ["list", "string"], "optional": True},
        },
        "block_types": {
            "log": {
                "nesting_mode": "list",
                "max_items": 1,
                "block": {"attributes": {"path": {"type": "string", "required": True}}},
            },
            "rule": {"nesting_mode": "set", "min_items": 1, "block": {"attributes": {}}},
        },
    },
    TypeName("data", "aws_here"): {"attributes": {"name": {"type": "string", "computed": True}}},
}

RIGHT = """
provider "aws" {
  region = "eu-central-1"
}

variable "name" {}

data "aws_here" "now" {}

locals {
  names = { for one in [var.name] : one => one }
}

resource "aws_thing" "one" {
  name     = "${var.name}-${data.aws_here.now.name}"
  count_of = 3
  names    = ["a", "b"]

  rule {}

  log {
    path = "x"
  }
}

resource "aws_thing" "many" {
  for_each = local.names

  name = each.key

  dynamic "rule" {
    for_each = [each.value]
    content {}
  }
}

output "ids" {
  value = [aws_thing.one.id, aws_thing.many["a"].id]
}
"""


def found(text: str) -> set[str]:
    declared = locals_as_blocks(list(blocks({"main.tf": dedent(text)})))
    findings = [*schema_findings(declared, SCHEMAS), *name_findings(declared, SCHEMAS)]
    return {finding.check for finding in findings}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found(RIGHT) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        ('resource "aws_thing" "one"', 'resource "aws_thin" "one"', "unknown-type"),
        ("  count_of = 3", "  cuont_of = 3", "unknown-argument"),
        ("  rule {}\n", "  rule {}\n  rules {}\n", "unknown-argument"),
        ('    path = "x"', '    pth = "x"', "unknown-argument"),
        ('    path = "x"', "", "missing-argument"),
        ("  rule {}\n", "", "missing-block"),
        ("  rule {}\n", '  rule {}\n  log {\n    path = "y"\n  }\n', "too-many-blocks"),
        ("  count_of = 3", '  count_of = "lots"', "wrong-type"),
        ('["a", "b"]', '"a"', "wrong-type"),
        ("  count_of = 3", '  id = "mine"', "set-by-aws"),
        ('region = "eu-central-1"', 'regoin = "eu-central-1"', "unknown-argument"),
        ("${var.name}", "${var.nmae}", "undeclared-reference"),
        ("aws_thing.one.id", "aws_thing.other.id", "undeclared-reference"),
        ("aws_thing.one.id", "aws_thing.one.nam", "unknown-attribute"),
        ('variable "name" {}', 'variable "name" {}\nvariable "spare" {}', "unused-variable"),
        ("locals {", "locals {\n  spare = 1", "unused-local"),
        ('data "aws_here" "now" {}', 'data "aws_here" "now" {}\ndata "aws_here" "spare" {}', "unused-data"),
        ("  for_each = local.names\n", "  names = values(local.names)\n", "repeat-without-reason"),
        ('aws_thing.many["a"].id', "aws_thing.many.id", "missing-index"),
        ("aws_thing.one.id", "aws_thing.one[0].id", "needless-index"),
        ('aws_thing.one.id, aws_thing.many["a"].id', '"nothing"', "useless-output"),
        ('variable "name" {}', 'variable "name" {}\nvariable "name" {}', "declared-twice"),
    ],
)
def test_what_is_wrong_is_found_by_the_check_of_its_name(right: str, wrong: str, check: str) -> None:
    assert RIGHT.count(right) == 1
    assert check in found(RIGHT.replace(right, wrong))


def test_two_outputs_that_say_the_same_are_one_too_many() -> None:
    twice = 'output "again" {\n  value = [aws_thing.one.id, aws_thing.many["a"].id]\n}\n'
    assert found(RIGHT + twice) == {"useless-output"}


def test_a_variable_that_only_its_own_validation_reads_is_unused() -> None:
    validated = """
    variable "spare" {
      validation {
        condition     = var.spare > 1
        error_message = "more"
      }
    }
    """
    assert found(RIGHT + dedent(validated)) == {"unused-variable"}


@pytest.mark.parametrize(
    ("constraint", "admitted"),
    [
        ("~> 6.0", True),
        ("~> 6.69.0", True),
        ("~> 6.70", False),
        ("~> 5.0", False),
        (">= 6.30, < 7", True),
        (">= 6.30, < 6.60", False),
        ("6.69.1", True),
        ("!= 6.69.1", False),
        ("nonsense", False),
    ],
)
def test_a_version_constraint_admits_what_terraform_would_take(constraint: str, admitted: bool) -> None:
    assert admits(constraint, "6.69.1") is admitted
