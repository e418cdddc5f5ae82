"""Calls put together by statement."""

from candlefish.advise.workload.log_calls import Call
from candlefish.advise.workload.seen import Seen, gather


def only(*calls: Call) -> Seen:
    (seen,) = gather(calls).values()
    return seen


def test_other_literals_and_other_space_are_the_same_statement() -> None:
    seen = only(Call("select 'A' from t", ms=1.0), Call("SELECT  'b'\nfrom t -- x", ms=3.0), Call("select $1 from t"))
    assert (seen.calls, seen.mean_ms, seen.kind) == (3, 2.0, "select")


def test_names_in_quotes_and_upper_case_are_others() -> None:
    assert len(gather([Call('select "A" from t'), Call('select "a" from t')])) == 2


def test_a_call_that_stands_in_the_log_twice_counts_once() -> None:
    assert only(Call("select 1 from t", ms=5.0), Call("select 1 from t", ms=5.0, explained=True)).count == 1
    assert only(Call("select 1 from t", ms=5.0, explained=True)).count == 1


def test_samples_are_the_median_the_most_frequent_and_the_slowest() -> None:
    slow = Call("select * from t where a = 9", ms=90.0)
    often = [Call("select * from t where a = 1", ms=1.0)] * 3
    middle = [Call(f"select * from t where a = {n}", ms=float(n)) for n in (5, 6, 7)]
    seen = only(slow, *often, *middle)
    assert [call.text[-1] for call in seen.typical()] == ["6", "1", "9"]


def test_a_call_without_its_values_is_no_sample() -> None:
    assert only(Call("select $1, $2 from t", ((1, "a"),))).typical() == ()
    assert only(Call("select $1, '$2' from t", ((1, "a"),))).typical() != ()


def test_several_statements_in_one_text_are_taken_apart_and_not_timed() -> None:
    found = gather([Call("begin; update t set a = 1; select 2 from t; commit", ms=8.0)])
    assert sorted(one.kind for one in found.values()) == ["select", "update"]
    assert all(one.mean_ms is None for one in found.values())


def test_what_reads_no_table_of_a_user_is_left_out() -> None:
    texts = [
        "select set_config('a', 'b', false)",
        "select * from pg_catalog.pg_class",
        'select * from x join "public"."pg_stat_statements" on true',
        "select 1 from t /* candlefish */",
        "select pg_sleep(1)",
    ]
    assert gather(Call(text) for text in texts) == {}
    kept = ["select a, pg_catalog.lower(b) from t", "select 1 from only t x where a operator(pg_catalog.=) $1"]
    assert len(gather(Call(text) for text in kept)) == 2
