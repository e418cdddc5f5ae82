"""What is known of the primary and of each replica: each sample changes it, and each read goes by it."""

import math
from dataclasses import dataclass
from time import monotonic

from candlefish.client.postgres.lag import LagClock
from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.marks import Mark, Marks
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.probe import Answer, NoAnswer, Sample
from candlefish.client.stats import ReplicaStats

LEFT_OUT_S = 1.0
"""How long a replica that failed is not asked, whatever it answers: about the pooler's server_login_retry."""

CUT_S = 2.0
"""After how long without a word, or a read served, the reads under way there are ended, to be repeated elsewhere: they
would hang for statement_timeout_s. It is two questions in a row that had no answer."""

QUIET_S = 0.3
"""A question that is open for longer leaves a doubt whether the server is there: an answer takes about 2 ms, and tens
of them where everything is busy."""

COMES_BACK_RATIO = 0.5
"""Of the lag limit: a replica that was over it returns below this, so that it does not go in and out."""


@dataclass(frozen=True, slots=True)
class Route:
    """A pool, and what the server there must have replayed before it is read (None: read at once)."""

    pool: Pool
    fence: Position | None


class WatchedPrimary:
    """The server that takes writes."""

    def __init__(self, pool: Pool, marks: Marks, clock: LagClock) -> None:
        self.pool = pool
        self._marks = marks
        self._clock = clock
        self._asked_at = 0.0

    def asking(self) -> None:
        """Hear that the server is being asked now."""
        self._asked_at = monotonic()
        self._marks.close()

    def note(self, answer: Answer) -> None:
        """Hear what it answered; a replica in its place can't tell where the primary is."""
        if isinstance(answer, Sample) and not answer.is_replica:
            self._clock.note(self._asked_at, answer.flushed)
            self._marks.settle(answer.position)


class WatchedReplica:
    """A server that takes reads; `replayed` None: nothing is known, or it is no replica."""

    def __init__(self, pool: Pool, marks: Marks, clock: LagClock, lag_limit_s: float) -> None:
        self.pool = pool
        self.route = Route(pool, None)
        self.replayed: Position | None = None
        self.in_rotation = False
        self.reads = self.behind = self.failures = 0
        self._marks = marks
        self._clock = clock
        self._lag_limit_s = lag_limit_s
        self._lag_s = math.inf
        self._asked_at = 0.0
        self._asked = False
        self._reads_when_asked = 0
        self._silent_since = math.inf
        self._back_at = 0.0

    def asking(self) -> None:
        """Hear that the server is being asked now."""
        self._asked, self._asked_at = True, monotonic()
        self._reads_when_asked = self.reads

    def answers(self) -> bool:
        """Tell whether it takes reads, and there is no doubt of it now: the last read served may have been its last."""
        return self.in_rotation and not (self._asked and monotonic() - self._asked_at > QUIET_S)

    def note(self, answer: Answer) -> None:
        """Hear what it answered; one that does not answer but serves reads is only busy."""
        self._asked = False
        if isinstance(answer, Sample):
            self._lag_s = self._clock.lag_s(answer.flushed)
            self.replayed = answer.position if answer.is_replica else None
            self.in_rotation = self._is_fit(answer)
        elif self.reads == self._reads_when_asked:
            self._lag_s, self.replayed, self.in_rotation = math.inf, None, False
            if answer is NoAnswer.SILENT:
                self._cut_when_silent_for_long()
                return
        self._silent_since = math.inf

    def has(self, mark: Mark) -> bool:
        """Tell whether it has replayed a write."""
        return mark.position is not None and self.replayed is not None and self.replayed.covers(mark.position)

    def leave_out(self) -> None:
        """Hear that a read lost it."""
        self.failures += 1
        self.in_rotation = False
        self._back_at = monotonic() + LEFT_OUT_S

    def note_behind(self) -> None:
        """Hear that it is not where it was thought to be: it began anew, or another server stands in its place."""
        self.behind += 1
        self.replayed = None

    def stats(self) -> ReplicaStats:
        """Return what is known of it."""
        replayed = self.replayed
        return ReplicaStats(
            name=self.pool.name,
            in_rotation=self.in_rotation,
            lag_s=self._lag_s,
            replay_lsn=replayed.lsn if replayed else 0,
            reads=self.reads,
            behind=self.behind,
            failures=self.failures,
        )

    def _cut_when_silent_for_long(self) -> None:
        self._silent_since = min(self._silent_since, self._asked_at)
        if monotonic() - self._silent_since >= CUT_S:
            self.pool.cut()

    def _is_fit(self, sample: Sample) -> bool:
        if monotonic() < self._back_at:
            return False
        if not sample.is_replica and sample.position.timeline < self._marks.primary.timeline:
            return False  # it was the primary, and does not know yet that it isn't any more
        return self._lag_s <= self._lag_limit_s * (1.0 if self.in_rotation else COMES_BACK_RATIO)
