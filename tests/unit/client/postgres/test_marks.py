import math
from time import monotonic, time

from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.marks import CLOCKS_APART_S, Mark, Marks

REMEMBER_S = 30.0


def ask(marks: Marks, lsn: int, timeline: int = 1) -> None:
    """Ask the primary and have its answer."""
    marks.close()
    marks.settle(Position(timeline, lsn))


def seconds_ago(age_s: float) -> int:
    return int(time() - age_s)


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
    mark = marks.adopt(Position(1, 900), seconds_ago(20))
    assert mark is not None
    assert mark.position == Position(1, 900)
    assert mark.forget_at <= monotonic() + REMEMBER_S + CLOCKS_APART_S - 20
    assert marks.adopt(Position(1, 900), seconds_ago(REMEMBER_S + CLOCKS_APART_S)) is None


def test_a_position_that_the_primary_has_not_reached_gives_way_to_its_next_one() -> None:
    marks = Marks(REMEMBER_S)
    ask(marks, 1000)
    for ahead in (Position(1, 10**15), Position(9, 500), None):
        mark = marks.adopt(ahead, seconds_ago(0))
        assert mark is not None
        assert mark.position is None
        ask(marks, 1100)
        assert mark.position == Position(1, 1100)


def test_a_position_of_a_timeline_that_was_left_gives_way_when_the_present_one_is_not_as_far() -> None:
    marks = Marks(REMEMBER_S)
    ask(marks, 995, timeline=2)
    mark = marks.adopt(Position(1, 1000), seconds_ago(0))
    assert mark is not None
    ask(marks, 996, timeline=2)
    assert mark.position == Position(2, 996)


def test_a_write_from_elsewhere_keeps_its_time_when_it_gets_a_position() -> None:
    marks = Marks(REMEMBER_S)
    written_at = seconds_ago(25)
    mark = marks.adopt(None, written_at)
    assert mark is not None
    until = mark.forget_at
    ask(marks, 500)
    assert (mark.position, mark.written_at, mark.forget_at) == (Position(1, 500), written_at, until)


def test_writes_from_elsewhere_that_wait_for_a_position_are_few_however_many_bring_them() -> None:
    marks = Marks(REMEMBER_S)
    for number in range(10_000):
        marks.adopt(None, seconds_ago(number % 60))
    marks.close()
    assert len(marks._waiting) <= REMEMBER_S + CLOCKS_APART_S + 1


def test_a_write_of_the_future_is_one_of_now() -> None:
    mark = Marks(REMEMBER_S).adopt(None, seconds_ago(-(10**6)))
    assert mark is not None
    assert mark.written_at is not None
    assert mark.written_at <= time()


def test_the_later_of_two_writes_is_behind_both() -> None:
    marks = Marks(REMEMBER_S)
    first, last = Mark(Position(1, 500), 20, 2000), Mark(Position(1, 600), 10, 1000)
    for later in (marks.later(first, last), marks.later(last, first)):
        assert (later.position, later.forget_at, later.written_at) == (Position(1, 600), 20, 2000)


def test_of_two_writes_whose_order_is_not_known_the_primarys_next_position_is_the_later() -> None:
    marks = Marks(REMEMBER_S)
    for other in (Position(2, 400), None):
        later = marks.later(Mark(Position(1, 500)), Mark(other))
        assert later.position is None
        ask(marks, 700, timeline=2)
        assert later.position == Position(2, 700)
