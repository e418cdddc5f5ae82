"""Which write a context has to see: its own last one, that of its scope, or one that a token brought."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic, time

from candlefish.client.postgres.marks import Mark, Marks
from candlefish.client.postgres.write_token import WriteToken

TOKEN_S = 1.0
"""How long a token waits for the primary's position; it goes without then, and whoever reads it asks the primary."""

Until = Callable[[Callable[[], bool], float], Awaitable[None]]
"""Wait until a condition holds that samples bring about, for so many seconds at most."""


class Scope:
    """A request, say: all of it sees what is written in it, also by the tasks that are started in it."""

    def __init__(self, mark: Mark | None, until: Until) -> None:
        self.mark = mark
        self._until = until

    async def token(self) -> str | None:
        """Return what carries the last write elsewhere (in a cookie, a header), or None when there is none to see."""
        return await make_token(self.mark, self._until)


class OwnWrites:
    """Hold the last write of each context for one `Database`."""

    def __init__(self, marks: Marks, until: Until) -> None:
        self._marks = marks
        self._until = until
        self._held: ContextVar[Mark | Scope | None] = ContextVar("own_writes", default=None)

    def note(self) -> None:
        """Remember that a write of this context was acknowledged, or may have been carried out."""
        self._hold(self._marks.take())

    def mark(self) -> Mark | None:
        """Return the mark of the write that this context has to see, or None."""
        held = self._held.get()
        if held is None:
            return None
        mark = held.mark if isinstance(held, Scope) else held
        return mark if mark is not None and mark.forget_at > monotonic() else None

    async def token(self) -> str | None:
        """Return what carries this context's last write elsewhere, or None when there is none to see."""
        return await make_token(self.mark(), self._until)

    @contextmanager
    def scope(self, token: str | None = None) -> Iterator[Scope]:
        """Let this context and the tasks started in it share their writes, and see those of a token."""
        outer = self._held.get()
        scope = Scope(self._begin(token), self._until)
        self._held.set(scope)
        try:
            yield scope
        finally:
            self._held.set(outer)
            if scope.mark is not None:
                self._hold(scope.mark)

    def _begin(self, token: str | None) -> Mark | None:
        before = self.mark()
        if not token:
            return before
        parsed = WriteToken.parse(token)
        if parsed is None:
            return self._marks.take()  # a write that may be a moment old: the primary's next position is behind it
        adopted = self._marks.adopt(*parsed)
        if before is None or adopted is None:
            return before or adopted
        return self._marks.later(before, adopted)

    def _hold(self, mark: Mark) -> None:
        held = self._held.get()
        if isinstance(held, Scope):
            held.mark = mark
        else:
            self._held.set(mark)


async def make_token(mark: Mark | None, until: Until) -> str | None:
    """Return the token of a mark, once the primary has said where it is."""
    if mark is None or mark.forget_at <= monotonic():
        return None
    if mark.position is None:
        await until(lambda: mark.position is not None, TOKEN_S)
    written_at = time() if mark.written_at is None else mark.written_at  # not now: who only reads renews nothing
    return str(WriteToken(mark.position, int(written_at)))
