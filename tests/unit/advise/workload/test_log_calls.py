"""Calls told of by a log."""

import pytest

from candlefish.advise.workload.log_calls import Call, parse_parameters, read_calls
from candlefish.advise.workload.log_entries import Entry


def calls(*entries: tuple[str, str] | str) -> list[Call]:
    told = [(one, "") if isinstance(one, str) else one for one in entries]
    return list(read_calls(Entry(None, message, detail, process="1") for message, detail in told))


def test_durations_stand_with_the_statement_or_behind_it() -> None:
    assert calls("duration: 1.5 ms  statement: select 1") == [Call("select 1", ms=1.5)]
    assert calls("statement: select 1", "duration: 0.25 ms") == [Call("select 1", ms=0.25)]
    assert calls("statement: select 1", "statement: select 2", "duration: 3 ms") == [
        Call("select 1"),
        Call("select 2", ms=3.0),
    ]


def test_only_the_execute_step_of_the_extended_protocol_is_a_call() -> None:
    found = calls(
        ("duration: 0.1 ms  parse s1: select $1", ""),
        ("duration: 0.1 ms  bind s1: select $1", "parameters: $1 = '1'"),
        ("duration: 0.2 ms  execute s1/c1: select $1", "Parameters: $1 = '1'"),
        ("duration: 0.2 ms  execute fetch from s1/c1: select $1", "parameters: $1 = '1'"),
    )
    assert found == [Call("select $1", ((1, "1"),), 0.2)]


def test_parameters_keep_quotes_commas_and_nulls() -> None:
    assert parse_parameters("parameters: $1 = 'it''s, $2 = ''x''', $2 = NULL, $3 = '', $10 = 'ä\n\\'") == (
        (1, "it's, $2 = 'x'"),
        (2, None),
        (3, ""),
        (10, "ä\n\\"),
    )
    assert parse_parameters("prepare: PREPARE a AS select $1 = '1'") == ()


PLANS = [
    (
        "Query Text: select a\n  from t where b = $1\nQuery Parameters: $1 = 'x'\n"
        "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (b = 'x')"
    ),
    (
        '{\n  "Query Text": "select a\\n  from t where b = $1",\n  "Query Parameters": "$1 = \'x\'",\n'
        '  "Plan": {"Node Type": "Seq Scan"}\n}'
    ),
    'Query Text: "select a\\n  from t where b = $1"\nQuery Parameters: "$1 = \'x\'"\nPlan: \n  Node Type: "Seq Scan"',
]


@pytest.mark.parametrize("plan", PLANS, ids=["text", "json", "yaml"])
def test_auto_explain_tells_of_a_call_in_each_of_its_formats(plan: str) -> None:
    assert calls(f"duration: 7.5 ms  plan:\n{plan}") == [
        Call("select a\n  from t where b = $1", ((1, "x"),), 7.5, explained=True)
    ]


def test_the_text_of_a_plan_without_parameters_ends_before_its_first_node() -> None:
    plan = "Query Text: select 1\nfrom t;\nSort  (cost=1.00..2.00 rows=1 width=4)"
    assert calls(f"duration: 7 ms  plan:\n{plan}") == [Call("select 1\nfrom t;", ms=7.0, explained=True)]


def test_what_is_no_call_is_passed_over() -> None:
    assert calls("checkpoint starting: time", "duration: 5 ms", "connection received: host=x") == []
    assert calls('duration: 7 ms  plan:\n<explain xmlns="x">') == []
