"""A mistake for the proof to find: an edit of the rendered module, and the check that has to see it.

An edit whose pattern is not in the module is a failure of its own: the table has to follow the module.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Step = Literal["format", "text", "validate", "plan", "rule", "apply", "test", "checkov", "secrets", "second-plan"]
"""Where it is seen: `terraform fmt`; the pure check of the text; `terraform validate`; `terraform plan`; our rules over
the plan; `terraform apply`; the module's own tests; checkov; the search for secrets; a plan after the apply."""

RDS, CACHE, POOLER = "rds-postgresql.tf", "elasticache-redis.tf", "pgbouncer-ecs.tf"
NETWORK, SECRETS, WATCH, ROTATION = "network.tf", "secrets.tf", "cloudwatch.tf", "rotation.tf"
VALUES = "terraform.tfvars"

SEEDED_SECRET = "seeded-secret-0123456789abcdef"
"""It is there to be found."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One edit: the first match of `pattern` becomes `replacement`.

    `check` is the check's name where it has one (text, rule, checkov), the name of the run in a test, else words of
    Terraform's error; `subject` is what a rule's finding names; `also` are other rules that rightly fire with it.
    """

    name: str
    step: Step
    check: str
    file: str
    pattern: str
    replacement: str
    subject: str = ""
    also: tuple[str, ...] = ()


class NoSuchText(AssertionError):
    """The module has no text that the mistake could be made in."""


def seed(module: Mapping[str, str], mistakes: Iterable[Mistake]) -> dict[str, str]:
    """Give the module with these mistakes in it."""
    changed = dict(module)
    for mistake in mistakes:
        text, count = re.subn(mistake.pattern, mistake.replacement, changed[mistake.file], count=1, flags=re.MULTILINE)
        if not count or text == changed[mistake.file]:
            raise NoSuchText(f"{mistake.name}: {mistake.pattern!r} is not in {mistake.file}")
        changed[mistake.file] = text
    return changed


def together(mistakes: Iterable[Mistake], most: int) -> list[list[Mistake]]:
    """Put mistakes that have nothing to do with each other into one folder, so that one plan shows several of them."""
    groups: list[list[Mistake]] = []
    for mistake in mistakes:
        free = (group for group in groups if len(group) < most and not any(_related(mistake, one) for one in group))
        if (group := next(free, None)) is None:
            groups.append(group := [])
        group.append(mistake)
    return groups


def _related(one: Mistake, other: Mistake) -> bool:
    """Say whether one mistake could be taken for the other: what one changes, the other's check looks at."""
    return one.subject == other.subject or (one.check == other.check and _resource(one) == _resource(other))


def _resource(mistake: Mistake) -> str:
    return ".".join(mistake.subject.split(".")[:2]).split("[")[0]


def value(name: str, value: str) -> tuple[str, str, str]:
    """Give file, pattern and replacement for another value of a variable or of an entry of a map."""
    return VALUES, rf'^(\s*"?{re.escape(name)}"?\s+= )[^#\n]+', rf"\g<1>{value} "


def entry(variable: str, name: str, value: str) -> tuple[str, str, str]:
    """Give file, pattern and replacement for one more entry of a map."""
    return VALUES, rf"^({variable} = {{\n)", rf'\g<1>  {name} = "{value}"\n'


def alarm(name: str, field: str, value: str) -> tuple[str, str, str]:
    """Give file, pattern and replacement for another field of an alarm."""
    return VALUES, rf"^(  {name} = {{\n(?:    .*\n)*?    {field}\s+= )[^#\n]+", rf"\g<1>{value} "
