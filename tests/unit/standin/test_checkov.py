"""A skip means one failure, and no other."""

import pytest
from tests.standin.checkov import Failure, Skip

FAILURE = Failure("CKV_1", 'aws_thing.this["a"]', "/default/main.tf", "Ensure that it is good")


@pytest.mark.parametrize(
    ("skip", "covered"),
    [
        (Skip("CKV_1", "aws_thing.this", "why"), True),
        (Skip("CKV_1", 'aws_thing.this["a"]', "why"), True),
        (Skip("CKV_1", "aws_thing.*", "why"), True),
        (Skip("CKV_1", "aws_thing.this", "why", spec="default"), True),
        (Skip("CKV_1", "aws_thing.this", "why", spec="large"), False),
        (Skip("CKV_1", 'aws_thing.this["b"]', "why"), False),
        (Skip("CKV_1", "aws_thing", "why"), False),
        (Skip("CKV_2", "aws_thing.this", "why"), False),
    ],
)
def test_a_skip_covers_the_check_the_resource_and_the_spec_that_it_names(skip: Skip, covered: bool) -> None:
    assert skip.covers(FAILURE) is covered
