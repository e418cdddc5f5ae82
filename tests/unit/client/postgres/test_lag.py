import math

from candlefish.client.postgres.lag import GAP_S, LagClock


def clock(*samples: tuple[float, int]) -> LagClock:
    made = LagClock()
    for at, lsn in samples:
        made.note(at, lsn)
    return made


def test_a_replica_that_has_all_that_was_seen_does_not_lag() -> None:
    assert clock((10.0, 100), (10.1, 200)).lag_s(200) == 0
    assert clock((10.0, 100), (10.1, 200)).lag_s(250) == 0


def test_a_replica_lags_since_the_primary_was_first_seen_ahead_of_it() -> None:
    assert clock((10.0, 100), (10.5, 200), (11.0, 300), (11.5, 400)).lag_s(150) == 1.0


def test_a_replica_does_not_lag_while_the_primary_stands_still() -> None:
    assert clock((10.0, 100), (11.0, 100), (12.0, 100)).lag_s(100) == 0


def test_a_replica_that_stands_still_lags_more_and_more() -> None:
    made = clock((10.0, 100), (10.5, 200))
    lags = []
    for at in (11.0, 11.5, 12.0):
        made.note(at, 200)
        lags.append(made.lag_s(100))
    assert lags == [0.5, 1.0, 1.5]


def test_nothing_is_known_of_a_replica_behind_all_that_was_seen() -> None:
    assert clock((10.0, 100), (10.1, 200)).lag_s(99) == math.inf


def test_lags_stay_as_they_were_while_the_primary_is_away() -> None:
    made = clock((10.0, 100), (10.5, 200), (11.0, 200))
    assert [made.lag_s(100) for _ in range(2)] == [0.5, 0.5]


def test_a_primary_that_went_back_starts_a_new_history() -> None:
    made = clock((10.0, 100), (10.1, 200), (10.2, 150))
    assert made.lag_s(150) == 0
    assert made.lag_s(149) == math.inf


def test_what_was_seen_before_a_gap_says_nothing_of_what_happened_in_it() -> None:
    made = clock((10.0, 100), (10.0 + 2 * GAP_S, 900))
    assert made.lag_s(900) == 0
    assert made.lag_s(100) == math.inf


def test_nobody_lags_before_the_primary_was_seen() -> None:
    assert LagClock().lag_s(1) == 0
