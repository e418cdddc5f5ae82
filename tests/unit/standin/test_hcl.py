"""What an expression refers to is read without Terraform."""

import pytest
from tests.standin.hcl import Block, blocks, references


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("${var.name}", [("var", "name")]),
        ('"${var.name}-${local.part}"', [("var", "name"), ("local", "part")]),
        ('"no reference: var.name"', []),
        ('"escaped $${var.name}"', []),
        ("${aws_subnet.main[each.key].id}", [("aws_subnet", "main", "[]", "id"), ("each", "key")]),
        ("${aws_subnet.main[*].id}", [("aws_subnet", "main", "[]", "id"), ()]),
        ("${aws_subnet.main.0.id}", [("aws_subnet", "main", "[]", "id")]),
        ('${join(",", [for one in var.many : "${one}-${var.end}"])}', [("var", "many"), ("var", "end")]),
        ('${var.map["a ] b"].x}', [("var", "map", "[]", "x")]),
        ('${"text with ${jsonencode({ a = "${var.deep}" })}"}', [("var", "deep")]),
        (["${var.a}", {"key": "${var.b}"}], [("var", "a"), ("var", "b")]),
        ({"${var.key}": 1}, [("var", "key")]),
        (5, []),
    ],
)
def test_references_are_found_where_they_are_and_nowhere_else(value: object, found: list[tuple[str, ...]]) -> None:
    roots = {"var", "local", "aws_subnet", "each"}
    assert [path for path in references(value) if path[0] in roots] == [path for path in found if path]


def test_blocks_have_the_address_that_expressions_use() -> None:
    text = """
    variable "name" {}
    resource "aws_vpc" "main" {}
    data "aws_region" "here" {}
    terraform {}
    """
    assert [block.address for block in blocks({"main.tf": text})] == [
        "var.name",
        "aws_vpc.main",
        "data.aws_region.here",
        "terraform",
    ]


def test_only_files_of_the_folder_itself_are_read() -> None:
    files = {"tests/a.tf": 'variable "x" {}', "terraform.tfvars": "x = 1", "main.tf": 'variable "y" {}'}
    assert [block.labels for block in blocks(files)] == [("y",)]


def test_where_a_block_stands_is_said() -> None:
    assert Block("main.tf", "resource", ("aws_vpc", "main"), {}).where == "main.tf: aws_vpc.main"
