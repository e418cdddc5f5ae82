"""The protocol of docs/consistency.md as a machine of small steps, of which each rule can be taken out.

Two keys share a fence. A writer of key A announces its transaction; a writer of key B deletes after its commit. Each
reader loads one key, from the primary or from the standby. Any fault may happen at any moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

NOBODY = -1

FAULTS = frozenset({"died", "evicted", "expired", "failed over"})
"""Each happens once at most: a writer dies, Redis evicts the fence or a lease, an entry's time is over, Redis fails
over and has lost its last step."""


class Rule(Enum):
    """What keeps the cache true; the text is what happens without it."""

    LEASE = "a fill does not need its lease"
    DELETE_ENDS_LEASE = "a delete leaves the lease of a load under way"
    ANNOUNCE = "keys are deleted after the commit alone"
    WRITER = "the announcement does not name the transaction"
    FLOOR = "a standby does not compare the floor"
    STANDBY_ASKS_STATUS = "a standby goes by its snapshot, which lists no running transaction"
    PRIMARY_ASKS_SNAPSHOT = "the primary goes by the LSN that it has reached"
    ABSENT_MEANS_PRIMARY = "without a fence any server will do"
    MARK = "a floor is raised whatever has happened to the fence since"
    PLACE_AFTER_TAKE = "a place that was known before the fence was taken becomes the floor"
    FOLD_ENDED_ONLY = "the next announcement drops every writer before it"
    CONFIRM = "nobody looks after the commit whether the fence is still there"
    EPOCH = "a new Redis primary serves what the old one has left"
    PROVE_BEFORE_LOAD = "a statement is proved after the load"


@dataclass(frozen=True, slots=True)
class Writer:
    """A transaction on the rows of a key: idle, running, announced, logged (in the WAL, waits), ended, done or dead."""

    key: str
    announces: bool
    step: str = "idle"
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """A load of a key: idle, taken, half way, read, done; `seen` are the writers whose rows it has."""

    key: str
    step: str = "idle"
    server: str = ""
    fence: "Fence | None" = None
    epoch: int = 0
    place: int | None = None
    proved: bool = False
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Fence:
    """What Redis has: a floor in the WAL or None, the writers, and a mark of the floor that is missing."""

    floor: int | None
    writers: frozenset[int] = frozenset()
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Redis:
    """Entries by key (whose rows they have, and of which epoch), leases by key (a reader), the fence and its epoch."""

    entries: tuple[tuple[str, frozenset[int], int], ...] = ()
    leases: tuple[tuple[str, int], ...] = ()
    fence: Fence | None = None
    fence_epoch: int = 0

    def entry(self, key: str, epoch: int | None) -> frozenset[int] | None:
        """Return whose rows an entry has, or None when there is none (of this epoch)."""
        for name, seen, its_epoch in self.entries:
            if name == key and epoch in (None, its_epoch):
                return seen
        return None

    def holder(self, key: str) -> int:
        """Return which reader holds the lease of a key."""
        return dict(self.leases).get(key, NOBODY)

    def without(self, key: str, *, lease: bool) -> "Redis":
        """Delete a key, and its lease too."""
        entries = tuple(one for one in self.entries if one[0] != key)
        leases = tuple(one for one in self.leases if not lease or one[0] != key)
        return replace(self, entries=entries, leases=leases)

    def keep(self, key: str, seen: frozenset[int], epoch: int) -> "Redis":
        """Keep an entry and end the lease."""
        bare = self.without(key, lease=True)
        return replace(bare, entries=tuple(sorted([*bare.entries, (key, seen, epoch)], key=lambda one: one[0])))


@dataclass(frozen=True, slots=True)
class World:
    """Everything at one moment. `wal` has the writers whose commit is logged, in order; `replayed` counts into it."""

    writers: tuple[Writer, ...]
    readers: tuple[Reader, ...]
    wal: tuple[int, ...] = ()
    replayed: int = 0
    redis: Redis = Redis()
    before: Redis = Redis()
    epoch: int = 0
    marks: int = 1
    faults: frozenset[str] = frozenset()
    may: frozenset[str] = FAULTS
    rules: frozenset[Rule] = field(default=frozenset(Rule), compare=False)

    def has(self, rule: Rule) -> bool:
        """Tell whether a rule holds."""
        return rule in self.rules

    def visible(self, server: str) -> frozenset[int]:
        """Return the writers whose rows a new snapshot has."""
        if server == "standby":
            return frozenset(self.wal[: self.replayed])
        return frozenset(number for number in self.wal if self.writers[number].step in ("ended", "done"))

    def set_redis(self, redis: Redis, **changes: object) -> "World":
        """Take a step in Redis, which a failover may lose."""
        return replace(self, redis=redis, before=self.redis, **changes)  # type: ignore[arg-type]

    def fence(self) -> Fence | None:
        """Return the fence, if it is of this epoch."""
        redis = self.redis
        return redis.fence if not self.has(Rule.EPOCH) or redis.fence_epoch == self.epoch else None

    def forget(self, key: str) -> "World":
        """Delete a key: its lease ends, and the fence has no floor any more."""
        redis = self.redis.without(key, lease=self.has(Rule.DELETE_ENDS_LEASE))
        fence = self.fence()
        left = Fence(None, fence.writers, self.marks) if fence is not None and fence.writers else None
        return self.set_redis(replace(redis, fence=left, fence_epoch=self.epoch), marks=self.marks + 1)


def is_stale(world: World) -> bool:
    """Tell whether a lookup can return what lacks a commit that it may not lack any more.

    A key whose writer announces may never lack a commit that others see, unless the announcement was lost and is about
    to be confirmed; one whose writer deletes afterwards, not once that is done. Two faults at once are not promised.
    """
    epoch = world.epoch if world.has(Rule.EPOCH) else None
    for number, writer in enumerate(world.writers):
        entry = world.redis.entry(writer.key, epoch)
        if entry is None or number in entry or number not in world.visible("primary"):
            continue
        lost = {"evicted", "failed over"} & world.faults
        if writer.step == "done" or (writer.announces and not lost):
            return True
    return False


def steps(world: World) -> Iterator[World]:
    """Give every world that one step can make of this one."""
    for number, writer in enumerate(world.writers):
        yield from _write(world, number, writer)
    for number, reader in enumerate(world.readers):
        yield from _read(world, number, reader)
    if world.replayed < len(world.wal):
        yield replace(world, replayed=world.replayed + 1)
    yield from _fail(world)


def _fail(world: World) -> Iterator[World]:
    redis = world.redis
    if "evicted" in world.may:
        if redis.fence is not None:
            yield _after(world, "evicted", redis=replace(redis, fence=None))
        if redis.leases:
            yield _after(world, "evicted", redis=replace(redis, leases=()))
    if "expired" in world.may and redis.entries:
        yield _after(world, "expired", redis=replace(redis, entries=()))
    if "failed over" in world.may:
        yield _after(world, "failed over", redis=world.before, epoch=world.epoch + 1)


def _after(world: World, fault: str, **changes: object) -> World:
    return replace(world, faults=world.faults | {fault}, may=world.may - {fault}, **changes)  # type: ignore[arg-type]


def _write(world: World, number: int, writer: Writer) -> Iterator[World]:
    if writer.dead:
        if writer.step == "logged":  # the server ends what was logged
            yield _set_writer(world, number, step="ended")
        return
    announces = writer.announces and world.has(Rule.ANNOUNCE)
    if writer.step == "idle":
        yield _set_writer(world, number, step="running")
    elif writer.step == "running":
        yield (
            _set_writer(_announce(world, number), number, step="announced")
            if announces
            else _set_writer(world, number, step="announced")
        )
    elif writer.step == "announced":
        yield _set_writer(replace(world, wal=(*world.wal, number)), number, step="logged")
    elif writer.step == "logged":
        yield _set_writer(world, number, step="ended")
    elif writer.step == "ended":
        yield _set_writer(_confirm(world, number) if announces else world.forget(writer.key), number, step="done")
    if writer.announces and "died" in world.may and writer.step in ("announced", "logged", "ended"):
        yield _after(_set_writer(world, number, dead=True), "died")


def _announce(world: World, number: int) -> World:
    redis = world.redis.without(world.writers[number].key, lease=world.has(Rule.DELETE_ENDS_LEASE))
    fence = world.fence() or Fence(None)
    ended = world.visible("primary") if world.has(Rule.FOLD_ENDED_ONLY) else fence.writers
    own = {number} if world.has(Rule.WRITER) else set()
    floor = None if fence.floor is None else max(fence.floor, len(world.wal))
    made = Fence(floor, (fence.writers - ended) | own, world.marks)
    return world.set_redis(replace(redis, fence=made, fence_epoch=world.epoch), marks=world.marks + 1)


def _confirm(world: World, number: int) -> World:
    fence = world.fence()
    named = fence is not None and number in fence.writers
    return world if named or not world.has(Rule.CONFIRM) else world.forget(world.writers[number].key)


def _read(world: World, number: int, reader: Reader) -> Iterator[World]:
    if reader.step == "idle":
        yield _take(world, number, reader)
    elif reader.step in ("taken", "half way"):
        servers = ("primary", "standby") if reader.step == "taken" else (reader.server,)
        step = "half way" if reader.step == "taken" else "read"
        proves = world.has(Rule.PROVE_BEFORE_LOAD) == (reader.step == "taken")
        for server in servers:
            done = _ask(world, number, server) if proves else _load(world, number, server)
            yield _set_reader(done, number, step=step, server=server)
    elif reader.step == "read":
        yield _fill(world, number, reader)


def _take(world: World, number: int, reader: Reader) -> World:
    epoch = world.epoch if world.has(Rule.EPOCH) else None
    if world.redis.entry(reader.key, epoch) is not None or world.redis.holder(reader.key) != NOBODY:
        return world
    fence = world.fence() or Fence(None, mark=world.marks)
    leases = tuple(sorted([*world.redis.leases, (reader.key, number)]))
    redis = replace(world.redis, leases=leases, fence=fence, fence_epoch=world.epoch)
    taken = world.set_redis(redis, marks=world.marks + 1)
    return _set_reader(taken, number, step="taken", fence=fence, epoch=world.epoch)


def _ask(world: World, number: int, server: str) -> World:
    """Prove what a later statement sees."""
    fence = world.readers[number].fence
    assert fence is not None
    floor = fence.floor
    if server == "standby":
        proved = floor is not None or not world.has(Rule.ABSENT_MEANS_PRIMARY)
        if world.has(Rule.FLOOR):
            proved = proved and (floor or 0) <= world.replayed
        if world.has(Rule.STANDBY_ASKS_STATUS):
            proved = proved and fence.writers <= world.visible("standby")
    elif world.has(Rule.PRIMARY_ASKS_SNAPSHOT):
        proved = fence.writers <= world.visible("primary")
    else:
        proved = fence.writers <= set(world.wal)
    place = len(world.wal) if world.has(Rule.PLACE_AFTER_TAKE) else world.replayed
    if server == "standby" or floor is not None:
        return _set_reader(world, number, proved=proved, place=None)
    return _set_reader(world, number, proved=proved, place=place)


def _load(world: World, number: int, server: str) -> World:
    return _set_reader(world, number, seen=world.visible(server))


def _fill(world: World, number: int, reader: Reader) -> World:
    done = _set_reader(world, number, step="done")
    held = world.redis.holder(reader.key) == number
    if (world.has(Rule.LEASE) and not held) or not reader.proved:
        leases = tuple(one for one in world.redis.leases if one != (reader.key, number))
        return done.set_redis(replace(world.redis, leases=leases))
    redis = world.redis.keep(reader.key, reader.seen, reader.epoch)
    fence, taken = world.redis.fence, reader.fence
    assert taken is not None
    if reader.place is not None and (fence == taken or (fence is not None and not world.has(Rule.MARK))):
        raised = Fence(reader.place, taken.writers, taken.mark)
        redis = replace(redis, fence=raised, fence_epoch=reader.epoch)
    return done.set_redis(redis)


def _set_writer(world: World, number: int, **changes: object) -> World:
    writers = list(world.writers)
    writers[number] = replace(writers[number], **changes)  # type: ignore[arg-type]
    return replace(world, writers=tuple(writers))


def _set_reader(world: World, number: int, **changes: object) -> World:
    readers = list(world.readers)
    readers[number] = replace(readers[number], **changes)  # type: ignore[arg-type]
    return replace(world, readers=tuple(readers))
