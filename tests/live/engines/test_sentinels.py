"""Whom the Sentinels hold for the primary: asked of three real ones that were told different things."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import PORT_BASE

from candlefish import process
from candlefish.engines import redis
from candlefish.engines.machine import read_machine
from candlefish.plan import make_plan
from candlefish.plan.model import RedisPlan, Sentinel
from candlefish.spec.load import load

FIRST_PORT = PORT_BASE + 90
PASSWORD = "of-this-test"

Start = Callable[[list[int]], RedisPlan]


def answers(sentinel: Sentinel) -> bool:
    """Tell whether a Sentinel can be asked."""
    return redis.ask(sentinel.host, sentinel.port, PASSWORD, lambda client: client.ping()) is not None


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a Sentinel for each number given: that node of the plan is the primary to it. No node runs."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(named: list[int]) -> RedisPlan:
        plan = make_plan(load(None, {"port_base": PORT_BASE}), read_machine()).redis
        nodes = tuple(replace(node, port=FIRST_PORT + 5 + i) for i, node in enumerate(plan.nodes))
        sentinels = tuple(Sentinel(f"s{i}", "127.0.0.1", FIRST_PORT + i) for i in range(len(named)))
        plan = replace(plan, nodes=nodes, sentinels=sentinels)
        for sentinel, number in zip(sentinels, named, strict=True):
            node = plan.nodes[number]
            conf = tmp_path / f"{sentinel.name}.conf"
            conf.write_text(
                f"bind {sentinel.host}\nport {sentinel.port}\ndir {tmp_path}\nrequirepass {PASSWORD}\n"
                f"sentinel monitor {plan.service} {node.host} {node.port} {len(named)}\n"
            )
            running.append(subprocess.Popen(["redis-server", str(conf), "--sentinel"], stdout=subprocess.DEVNULL))
        for sentinel in sentinels:
            assert process.wait_until(partial(answers, sentinel), timeout_s=10)
        return plan

    yield begin
    for program in running:
        program.kill()
        program.wait()


def test_sentinels_that_agree_name_one_node(start: Start) -> None:
    plan = start([1, 1, 1])
    assert redis.fetch_named(plan, PASSWORD) == {plan.nodes[1].name}
    assert redis.fetch_primary(plan, PASSWORD) == plan.nodes[1]


def test_the_majority_decides_and_the_disagreement_is_seen(start: Start) -> None:
    plan = start([2, 0, 2])
    assert redis.fetch_named(plan, PASSWORD) == {plan.nodes[0].name, plan.nodes[2].name}
    assert redis.fetch_primary(plan, PASSWORD) == plan.nodes[2]


def test_without_a_majority_there_is_no_primary(start: Start) -> None:
    plan = start([0, 1, 2])
    assert redis.fetch_primary(plan, PASSWORD) is None
