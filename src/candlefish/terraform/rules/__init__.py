"""What the provider's schema can't know of a Terraform plan, checked over the JSON of `terraform show -json PLAN`.

Each rule has a name, a source, and a function from a plan to Findings; RULES is the table of all. Pure: no I/O.
What AWS decides is unknown in the first plan of a module: container definitions and policies that name ARNs. Rules look
there as soon as it is known, in the first plan after an apply; `find_unseen` says what they could not look at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from candlefish.results import Finding
from candlefish.terraform.rules import (
    alarms,
    cache,
    database,
    iam,
    network,
    parameters,
    pooler,
    secrets,
    windows,
)
from candlefish.terraform.rules.planned import Planned, read_plan
from candlefish.terraform.rules.rule import Rule

__all__ = ["RULES", "Rule", "check_plan", "find_unseen"]

SUBJECTS = (database, parameters, windows, cache, network, pooler, alarms, secrets, iam)

RULES: tuple[Rule, ...] = tuple(rule for subject in SUBJECTS for rule in subject.RULES)

UNSEEN = {
    "aws_ecs_task_definition": "container_definitions",
    "aws_db_subnet_group": "subnet_ids",
    "aws_elasticache_subnet_group": "subnet_ids",
}
"""Arguments that rules look into and AWS decides before the first apply."""


def check_plan(plan: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Hold a plan against every rule; `plan` is the JSON document of `terraform show -json`.

    The subject of a finding is "ADDRESS" or "ADDRESS.argument"; its message begins with the rule's name and a colon,
    its hint ends with the rule's source in brackets. `critical` is what AWS refuses, what breaks a promise or lets
    somebody in; `warning` is what can be meant so.
    """
    planned = read_plan(plan)
    return tuple(_named(rule, finding) for rule in RULES for finding in _once(rule, planned))


def find_unseen(plan: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what no rule could look at, because AWS decides it at the first apply: as findings for information."""
    planned = read_plan(plan)
    return tuple(
        Finding(f"{resource.address}.{argument}", "info", "not checked: unknown until the apply", "plan again after it")
        for kind, argument in UNSEEN.items()
        for resource in planned.of(kind)
        if resource.is_unknown(argument)
    )


def _once(rule: Rule, planned: Planned) -> Iterator[Finding]:
    yield from dict.fromkeys(rule.check(planned))


def _named(rule: Rule, finding: Finding) -> Finding:
    hint = f"{finding.hint} ({rule.source})" if finding.hint else f"({rule.source})"
    return replace(finding, message=f"{rule.name}: {finding.message}", hint=hint)
