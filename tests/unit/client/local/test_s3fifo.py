"""The map that evicts: its bound, its books, and who stays."""

from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.local.s3fifo import ENTRY_OVERHEAD_BYTES, S3Fifo

COST_BYTES = ENTRY_OVERHEAD_BYTES + 4
"""Of an entry of these tests: a key of 3 letters and one byte."""


def make_map(entries: int) -> S3Fifo:
    return S3Fifo(entries * COST_BYTES)


def put(kept: S3Fifo, number: int) -> str:
    key = f"{number:03d}"
    kept.put(key, b"x", 1.0)
    return key


def use(kept: S3Fifo, key: str, times: int) -> None:
    kept.entries[key].uses += times


def require_books(kept: S3Fifo, max_bytes: int) -> None:
    small, main = kept._small, kept._main
    assert small.keys() | main.keys() == kept.entries.keys()
    assert not small.keys() & main.keys()
    assert kept.used_bytes == sum(entry.cost_bytes for entry in kept.entries.values()) <= max_bytes
    assert kept._small_bytes == sum(entry.cost_bytes for entry in small.values())
    assert not kept._ghosts.keys() & kept.entries.keys()


ACTIONS = st.tuples(st.sampled_from(["put", "use", "discard"]), st.integers(0, 30), st.integers(0, 2000))


@given(st.lists(ACTIONS, max_size=200), st.integers(5_000, 30_000))
def test_whatever_happens_it_stays_within_its_bytes_and_gives_what_was_put_last(
    actions: list[tuple[str, int, int]], max_bytes: int
) -> None:
    kept, last = S3Fifo(max_bytes), dict[str, bytes]()
    for action, number, size in actions:
        key = str(number)
        if action == "put":
            last[key] = bytes(size)
            kept.put(key, last[key], 1.0)
        elif action == "discard":
            kept.discard(key)
            assert key not in kept.entries
        elif key in kept.entries:
            kept.entries[key].uses = min(kept.entries[key].uses + 1, 3)
        require_books(kept, max_bytes)
        for name, entry in kept.entries.items():
            assert entry.raw == last[name]


def test_who_is_used_outlives_a_scan_of_what_is_asked_for_once() -> None:
    kept = make_map(20)
    used = [put(kept, number) for number in range(10)]
    for key in used:
        use(kept, key, 2)
    for number in range(100, 900):
        put(kept, number)
    assert all(key in kept.entries for key in used)
    assert kept.evictions == 800 - (20 - 10)


def test_who_comes_back_soon_after_its_eviction_stands_in_the_main_queue() -> None:
    kept = make_map(20)
    for number in range(12):
        use(kept, put(kept, number), 2)
    for number in range(100, 120):
        put(kept, number)
    gone = next(key for key in map(str, range(119, 99, -1)) if key not in kept.entries)
    put(kept, int(gone))
    assert gone in kept._main


def test_an_entry_that_would_take_a_queue_of_its_own_is_not_kept_nor_is_what_it_replaces() -> None:
    kept = make_map(10)
    key = put(kept, 1)
    kept.put(key, bytes(2 * COST_BYTES), 1.0)
    assert not kept.entries
    assert kept.used_bytes == 0


def test_clearing_leaves_nothing_to_count() -> None:
    kept = make_map(10)
    for number in range(50):
        put(kept, number)
    kept.clear()
    require_books(kept, 0)
    put(kept, 1)
    require_books(kept, COST_BYTES)
