"""Who goes first under each eviction policy."""

from random import Random

from candlefish.advise.cache.policies import LFU_FIRST, LFU_LAST, POLICIES, Policy, PolicyName

OLD, NEW = 0, 1
MINUTE_MS = 60_000


def make(name: PolicyName) -> Policy:
    return POLICIES[name](2, Random(1))


def test_lru_gives_up_what_was_not_read_for_longest() -> None:
    lru = make("allkeys-lru")
    for key, now_ms in ((OLD, 0), (NEW, 5_000)):
        lru.tell_time(now_ms)
        lru.note_new(key, 0)
    assert lru.measure_idle(OLD) > lru.measure_idle(NEW)
    lru.tell_time(9_000)
    lru.note_hit(OLD)
    assert lru.measure_idle(OLD) < lru.measure_idle(NEW)


def test_lru_cannot_tell_accesses_of_one_second_apart() -> None:
    lru = make("allkeys-lru")
    for key, now_ms in ((OLD, 7_000), (NEW, 7_999)):
        lru.tell_time(now_ms)
        lru.note_new(key, 0)
    assert lru.measure_idle(OLD) == lru.measure_idle(NEW)


def test_lfu_gives_up_what_was_read_least() -> None:
    lfu = make("allkeys-lfu")
    lfu.note_new(OLD, 0)
    lfu.note_new(NEW, 0)
    for _ in range(100):
        lfu.note_hit(OLD)
    assert lfu.measure_idle(OLD) < lfu.measure_idle(NEW) == LFU_LAST - LFU_FIRST


def test_lfu_grows_ever_more_slowly() -> None:
    lfu = make("allkeys-lfu")
    lfu.note_new(OLD, 0)
    counts = []
    for _ in range(3):
        for _ in range(1_000):
            lfu.note_hit(OLD)
        counts.append(LFU_LAST - lfu.measure_idle(OLD))
    assert counts[0] - LFU_FIRST > counts[1] - counts[0] > 0
    assert counts[2] < LFU_LAST


def test_lfu_forgets_one_a_minute_down_to_nothing() -> None:
    lfu = make("allkeys-lfu")
    lfu.note_new(OLD, 0)
    left = []
    for minute in range(LFU_FIRST + 3):
        lfu.tell_time(minute * MINUTE_MS)
        left.append(LFU_LAST - lfu.measure_idle(OLD))
    assert left == [5, 4, 3, 2, 1, 0, 0, 0]


def test_volatile_ttl_gives_up_what_ends_first() -> None:
    ttl = make("volatile-ttl")
    ttl.note_new(OLD, 2_000.0)
    ttl.note_new(NEW, 1_000.0)
    ttl.note_hit(NEW)
    assert ttl.measure_idle(NEW) > ttl.measure_idle(OLD)
