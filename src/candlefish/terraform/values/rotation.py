"""What rotation.tf is given."""

from collections.abc import Iterator

from candlefish.plan.aws.rotation import schedule_rotation
from candlefish.spec.model import Spec
from candlefish.terraform.value import Value


def rotation_values(spec: Spec) -> Iterator[Value]:
    """Give how often, and when."""
    expression, reason = schedule_rotation(spec)
    yield Value("rotation_days", spec.aws.rotation_days, "declared")
    yield Value("rotation_schedule", expression, reason)
