import math
from time import monotonic

from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.marks import Marks

REMEMBER_S = 30.0


def ask(marks: Marks, lsn: int, timeline: int = 1) -> None:
    """Ask the primary and have its answer."""
    marks.close()
    marks.settle(Position(timeline, lsn))


def test_a_write_has_no_position_until_the_primary_was_asked_after_it() -> None:
    marks = Marks(REMEMBER_S)
    mark = marks.take()
    assert mark.position is None
    ask(marks, 500)
    assert mark.position == Position(1, 500)


def test_a_write_acknowledged_while_the_primary_is_being_asked_waits_for_the_next_answer() -> None:
    marks = Marks(REMEMBER_S)
    before = marks.take()
    marks.close()
    meanwhile = marks.take()
    marks.settle(Position(1, 500))
    assert before.position == Position(1, 500)
    assert meanwhile.position is None
    ask(marks, 600)
    assert meanwhile.position == Position(1, 600)


def test_a_question_without_an_answer_leaves_its_writes_to_the_next() -> None:
    marks = Marks(REMEMBER_S)
    mark = marks.take()
    marks.close()
    later = marks.take()
    ask(marks, 700)
    assert mark.position == later.position == Position(1, 700)


def test_an_answer_changes_no_position_that_is_known() -> None:
    marks = Marks(REMEMBER_S)
    mark = marks.take()
    ask(marks, 500)
    ask(marks, 900)
    assert mark.position == Position(1, 500)


def test_a_write_is_remembered_from_the_moment_its_position_is_known() -> None:
    marks = Marks(REMEMBER_S)
    mark = marks.take()
    assert mark.forget_at == math.inf
    before = monotonic()
    ask(marks, 500)
    assert before + REMEMBER_S <= mark.forget_at <= monotonic() + REMEMBER_S


def test_questions_without_writes_keep_nothing() -> None:
    marks = Marks(REMEMBER_S)
    for _ in range(1000):
        marks.close()
    assert not marks._waiting


def test_a_position_from_elsewhere_counts_for_what_is_left_of_its_time() -> None:
    marks = Marks(REMEMBER_S)
    ask(marks, 1000)
    mark = marks.adopt(Position(1, 900), age_s=20)
    assert mark is not None
    assert mark.position == Position(1, 900)
    assert mark.forget_at <= monotonic() + REMEMBER_S - 20
    assert marks.adopt(Position(1, 900), age_s=REMEMBER_S) is None


def test_a_position_that_the_primary_has_not_reached_gives_way_to_its_next_one() -> None:
    marks = Marks(REMEMBER_S)
    ask(marks, 1000)
    for ahead in (Position(1, 10**15), Position(9, 500), None):
        mark = marks.adopt(ahead, age_s=0)
        assert mark is not None
        assert mark.position is None
        ask(marks, 1100)
        assert mark.position == Position(1, 1100)


def test_a_position_of_a_timeline_that_was_left_gives_way_when_the_present_one_is_not_as_far() -> None:
    marks = Marks(REMEMBER_S)
    ask(marks, 995, timeline=2)
    mark = marks.adopt(Position(1, 1000), age_s=0)
    assert mark is not None
    ask(marks, 996, timeline=2)
    assert mark.position == Position(2, 996)
