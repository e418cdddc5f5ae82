"""An advice in the terminal: ranked, complete, readable in 80 columns."""

from dataclasses import replace

from rich.cells import cell_len
from tests.unit.report.advice_made_up import CREATE, DROP, ESTIMATED, JOIN, MADE_UP, NOTHING, effect

from candlefish.report.advice import render_advice
from candlefish.report.advice_rows import by_statement, price_words, ranked, size

PAGE = render_advice(MADE_UP, width=80)
FLAT = " ".join(PAGE.split())


def test_no_line_is_longer_than_the_terminal() -> None:
    for width in (60, 80, 120):
        assert max(cell_len(line) for line in render_advice(MADE_UP, width=width).splitlines()) <= width


def test_the_change_that_saves_most_comes_first_and_the_unmeasured_one_last() -> None:
    assert ranked(MADE_UP) == [JOIN, CREATE, DROP]
    assert PAGE.index("1. CREATE") < PAGE.index("2. CREATE") < PAGE.index("3. DROP")


def test_the_first_line_says_what_it_brings() -> None:
    first = "3 changes: an hour of this workload takes 38 s instead of 6.7 min, 90.5 % less."
    assert PAGE.splitlines()[0] == first
    assert render_advice(ESTIMATED).startswith("1 change, not measured: the planner expects 80.0 % less.")
    assert render_advice(NOTHING).startswith("Nothing is advised")


def test_each_change_has_its_statement_whole_its_undo_and_its_proof() -> None:
    for one in MADE_UP.recommendations:
        assert " ".join(one.statement.split()) in FLAT
        assert " ".join(one.undo.split()) in FLAT
        assert one.reason in FLAT
    assert "42 ms → 0.21 ms; 1,200 calls an hour, 3,780 → 4 pages" in FLAT
    assert "medium, measured" in FLAT
    assert "high, not measured" in FLAT


def test_the_price_of_writes_is_told_with_lost_hot_updates() -> None:
    assert "HOT updates 94.0 % → 41.0 %" in price_words(JOIN.write_price)
    assert "HOT" not in price_words(CREATE.write_price)
    assert "an update 2.20 times" in price_words(JOIN.write_price)
    assert price_words(None) == ""


def test_everything_else_is_told_too() -> None:
    for words in (
        "1.20 ms → 1.60 ms",
        "HOT updates fall from 97 % to 0 %",
        "critical sequence public.events_id_seq",
        "syntax error at end of input",
        "HypoPG is not installed",
        "measured on a full copy",
    ):
        assert words in FLAT


def test_words_in_brackets_are_no_markup() -> None:
    odd = replace(CREATE, statement="CREATE INDEX ON t (a) WHERE b = '[bold]x[/bold]'", reason="[red]")
    page = render_advice(replace(MADE_UP, recommendations=(odd,)))
    assert "'[bold]x[/bold]'" in page
    assert "[red]." in page


def test_what_was_estimated_says_so_and_shows_costs() -> None:
    page = render_advice(ESTIMATED)
    assert "low, estimated" in page
    assert "cost 4,200 → 21" in page
    assert "measured on" not in page


def test_long_lists_are_cut_and_say_by_how_many() -> None:
    many = replace(CREATE, effects=tuple(effect(at, f"SELECT {at}", 2.0, 1.0) for at in range(11)))
    page = render_advice(
        replace(MADE_UP, recommendations=(many,), findings=MADE_UP.findings * 9, left_out=("one",) * 20)
    )
    assert "and 3 more" in page
    assert "and 7 more: --json and --html" in page
    assert page.count("one\n") == 20 or page.count("   one") == 20


def test_a_statement_of_several_changes_is_counted_once_with_its_best_end() -> None:
    slow, fast = (replace(CREATE, effects=(effect(1, "SELECT 1", 9.0, after),)) for after in (5.0, 1.0))
    (found,) = by_statement([slow, fast])
    assert found.after_ms == 1.0


def test_a_size_that_goes_has_a_minus() -> None:
    assert size(-(1 << 20)) == "-1 MB"
