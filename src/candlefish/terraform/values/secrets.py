"""What secrets.tf is given."""

from collections.abc import Iterator

from candlefish.spec.model import Spec
from candlefish.terraform.value import Value

ADMIN_USER = "candlefish_admin"
"""The administrator, on every tier."""

RECOVERY_DAYS = 30
"""Days for which a deleted secret can be brought back: the longest that Secrets Manager has."""


def secrets_values(spec: Spec) -> Iterator[Value]:
    """Give the administrator's name and how secrets live."""
    yield Value("admin_user", ADMIN_USER, "the administrator, here as on the local tier")
    yield Value("secrets_version", 1, "the first; raise it to have new secrets made by Terraform")
    if spec.aws.deletion_protection:
        yield Value("secret_recovery_days", RECOVERY_DAYS, "the longest that Secrets Manager has")
    else:
        yield Value("secret_recovery_days", 0, "no deletion protection is declared: a name is free again at once")
