"""The cache follower of a tier: there when the spec has rules, and what is said of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from candlefish.engines.changes import ChangesStatus, find_problems, make_programs, rules_file, write_rules
from candlefish.engines.runtime import Runtime
from candlefish.engines.state import State
from candlefish.errors import UsageError
from candlefish.plan import make_plan
from candlefish.plan.machine import Machine
from candlefish.plan.model import Plan
from candlefish.spec.load import load

FINE = ChangesStatus(0.01, 0, 0, "reserved", 5, 5, 0, 0, 0, 0, True, "")
MACHINE = Machine(2, 8 << 30, 100_000, is_root=False)


def plan(rules: Path | str) -> Plan:
    return make_plan(load(None, {"cache": {"rules": str(rules)}}), MACHINE)


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "tier")
    state.config.mkdir(parents=True)
    return state


def test_without_rules_there_is_no_such_program(state: State) -> None:
    assert make_programs(make_plan(load(None, {}), MACHINE), state, Runtime(("python",))) == ()
    (program,) = make_programs(plan("rules.toml"), state, Runtime(("python",)))
    assert program.argv == ("python", "-m", "candlefish.changes", str(state.root))


def test_rules_are_copied_and_a_change_of_them_is_noticed(state: State, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("one")
    assert write_rules(plan(file), state)
    assert not write_rules(plan(file), state)
    file.write_text("two")
    assert write_rules(plan(file), state)
    assert rules_file(state).read_text() == "two"
    assert write_rules(make_plan(load(None, {}), MACHINE), state)
    assert not rules_file(state).exists()


def test_rules_that_are_not_there_are_a_mistake_of_the_spec(state: State, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not read the rules"):
        write_rules(plan(tmp_path / "none.toml"), state)


def test_rules_lie_beside_the_spec(tmp_path: Path) -> None:
    (tmp_path / "candlefish.toml").write_text('[cache]\nrules = "mine/rules.toml"\n')
    assert load(tmp_path / "candlefish.toml").cache.rules == str((tmp_path / "mine" / "rules.toml").resolve())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (FINE, []),
        (replace(FINE, lag_s=30.0), ["is 30.0 s behind the database"]),
        (replace(FINE, redis_is_up=False), ["can't reach Redis: what changes stays in the cache"]),
        (replace(FINE, wal_status="lost"), ["is too far behind: its WAL is lost"]),
        (replace(FINE, problem="public.items: there is no such table"), ["public.items: there is no such table"]),
    ],
)
def test_a_follower_that_is_late_is_told(status: ChangesStatus, said: list[str]) -> None:
    assert [finding.message for finding in find_problems(status)] == said
