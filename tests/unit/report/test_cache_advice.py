"""A cache's advice on a terminal and as JSON."""

import json
import tomllib

from rich.console import Console
from tests.unit.report.cache_advice_made_up import MB, checked, made_up

from candlefish.advise.cache.result import CacheAdvice
from candlefish.report.cache_advice import advice_summary, render_advice_json
from candlefish.spec.model import Spec


def text(advice: CacheAdvice) -> str:
    console = Console(width=150, color_system=None)
    with console.capture() as captured:
        console.print(advice_summary(advice))
    return captured.get()


def test_the_advice_comes_first() -> None:
    assert text(made_up()).startswith("Set maxmemory to 4 MB with allkeys-lru and no TTL.\n")


def test_there_is_a_row_for_each_ttl_and_memory_with_every_policy_and_the_ceiling() -> None:
    lines = text(made_up()).splitlines()
    rows = [line.split() for line in lines if " MB " in line and " % " in line]
    assert len(rows) == 4
    assert rows[0] == ["60", "s", "2", "MB", "2,468", "56.0", "%", "56.0", "%", "70.0", "%"]


def test_what_it_rests_on_is_said() -> None:
    shown = text(made_up())
    assert "95,607 in 15 min; 9,560 of 10 % of the keys recorded" in shown
    assert "61.2 %" in shown
    assert "a <note> & more" in shown


def test_the_lines_for_the_spec_are_those_that_a_spec_takes() -> None:
    (line,) = (line for line in text(made_up()).splitlines() if "[redis]" in line)
    declared = line.partition("[redis] ")[2]
    spec = Spec.model_validate(tomllib.loads(f"redis = {{ {declared} }}"))
    assert (spec.redis.maxmemory, spec.redis.maxmemory_policy) == (4 * MB, "allkeys-lru")


def test_sizes_that_are_all_too_small_are_said_to_be() -> None:
    assert "try more with --memory" in text(made_up(near=False))
    assert "try more with --memory" not in text(made_up())


def test_a_check_shows_prediction_measurement_and_verdict() -> None:
    shown = text(made_up(against=(checked("allkeys-lru", 0.79), checked("allkeys-lfu", 0.75))))
    lru, lfu = (line for line in shown.splitlines() if "20,000" in line)
    assert lru.split()[-9:] == ["80.0", "%", "79.0", "%", "+1.00", "points", "500", "501", "holds"]
    assert "+5.00 points" in lfu
    assert lfu.rstrip().endswith("is off")


def test_a_check_without_evictions_says_that_it_proves_little() -> None:
    assert "nothing was evicted" in text(made_up(against=(checked("allkeys-lru", 0.8, evicted=0),)))


def test_json_has_all_of_it() -> None:
    found = json.loads(render_advice_json(made_up(against=(checked("allkeys-lru", 0.75),))))
    assert set(found) == {"facts", "ceilings", "points", "choice", "notes", "checked"}
    assert len(found["points"]) == 8
    assert found["choice"]["point"]["policy"] == "allkeys-lru"
    assert (found["checked"][0]["points"], found["checked"][0]["holds"]) == (5.0, False)
