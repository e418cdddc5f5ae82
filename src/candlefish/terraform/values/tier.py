"""What the whole module is given: the tier's name, its region, its tags, whether it may be deleted."""

from collections.abc import Iterator

from candlefish.spec.model import Spec
from candlefish.terraform.value import Value


def tier_values(spec: Spec) -> Iterator[Value]:
    """Give what every file uses."""
    yield Value("name", spec.name, "declared: leads the name of everything")
    yield Value("region", spec.aws.region, "declared")
    yield Value("tags", spec.aws.tags, "declared, besides those that versions.tf sets")
    why = "declared: nothing that holds data can be deleted by accident"
    yield Value("deletion_protection", spec.aws.deletion_protection, why)
