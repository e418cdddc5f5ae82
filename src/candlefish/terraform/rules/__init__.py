"""What the provider's schema can't know of a Terraform plan, checked over the JSON of `terraform show -json PLAN`.

Each rule has a name, a source, and a function from a plan to Findings; RULES is the table of all. Pure: no I/O.
"""

from collections.abc import Mapping
from typing import Any

from candlefish.results import Finding
from candlefish.terraform.rules.rule import Rule

__all__ = ["RULES", "Rule", "check_plan"]

RULES: tuple[Rule, ...] = ()


def check_plan(plan: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Hold a plan against every rule; `plan` is the JSON document of `terraform show -json`.

    The subject of a finding is "ADDRESS" or "ADDRESS.argument"; the message begins with the rule's name and a colon.
    """
    del plan
    return ()
