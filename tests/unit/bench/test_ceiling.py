from candlefish.bench.ceiling import FORGET, LOOKUP, Ceiling, KeyEvent, perfect_cache

A, B = 11, 22


def ceiling(*events: KeyEvent, known: dict[int, float] | None = None, since: float = 0.0) -> Ceiling:
    return perfect_cache(events, {} if known is None else known, ttl_s=300.0, since=since)


def test_only_the_first_lookup_of_a_key_misses() -> None:
    found = ceiling((1, A, LOOKUP), (2, A, LOOKUP), (3, B, LOOKUP), (4, A, LOOKUP))
    assert found == Ceiling(lookups=4, hits=2, distinct_keys=2)
    assert found.ratio == 0.5


def test_a_deleted_key_misses_once_more() -> None:
    assert ceiling((1, A, LOOKUP), (2, A, FORGET), (3, A, LOOKUP), (4, A, LOOKUP)).hits == 1


def test_a_key_misses_when_its_time_is_over() -> None:
    assert ceiling((0, A, LOOKUP), (299, A, LOOKUP), (301, A, LOOKUP), (302, A, LOOKUP)).hits == 2


def test_the_warm_up_fills_the_cache_and_is_not_counted() -> None:
    assert ceiling((1, A, LOOKUP), (11, A, LOOKUP), (12, B, LOOKUP), since=10.0) == Ceiling(2, 1, 2)


def test_a_later_run_begins_with_what_the_earlier_one_left() -> None:
    known: dict[int, float] = {}
    ceiling((1, A, LOOKUP), known=known)
    assert ceiling((50, A, LOOKUP), known=known) == Ceiling(1, 1, 1)


def test_the_events_of_several_workers_are_taken_in_the_order_of_time() -> None:
    assert ceiling((5, A, LOOKUP), (1, A, LOOKUP), (3, A, FORGET)).hits == 0


def test_without_lookups_there_is_no_ratio() -> None:
    assert ceiling((1, A, FORGET)).ratio is None
