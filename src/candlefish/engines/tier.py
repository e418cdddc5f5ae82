"""What every part of a running tier starts from: its folder, its plan, its passwords."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from candlefish.engines.secrets import Secrets, load_secrets
from candlefish.engines.state import FORMAT, State
from candlefish.plan import make_plan
from candlefish.plan.machine import Machine
from candlefish.plan.model import Plan
from candlefish.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of this machine."""

    state: State
    plan: Plan
    secrets: Secrets


def load_tier(state: State) -> Tier:
    """Return a tier as it was last brought up; raise TierNotRunning when there is none of that name."""
    record = state.load_record()
    plan = make_plan(Spec.model_validate(record["spec"]), Machine(**record["machine"]))
    return Tier(state, plan, load_secrets(state))


def render_record(plan: Plan) -> str:
    """Give what `load_tier` needs: the plan is a pure function of the spec and the machine."""
    record: dict[str, Any] = {
        "format": FORMAT,
        "spec": plan.spec.model_dump(mode="json"),
        "machine": asdict(plan.machine),
    }
    return json.dumps(record, indent=2) + "\n"
