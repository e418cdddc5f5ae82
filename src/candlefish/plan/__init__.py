"""What a spec means on a machine: every derived number with its reason."""

from candlefish.plan.machine import Machine
from candlefish.plan.make import make_plan
from candlefish.plan.model import Plan, Setting

__all__ = ["Machine", "Plan", "Setting", "make_plan"]
