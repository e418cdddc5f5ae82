"""Every exception that candlefish raises on purpose.

CandlefishError              message, detail, hint; `exit_code` is what a command ends with
├── UsageError        (2)    a command or a function was called with something that cannot be
│   └── SpecError     (2)    candlefish.toml is wrong; `problems` has one line for each mistake
├── CheckFailed       (1)    a check or a promise did not hold
├── EngineError       (3)    a program of the tier could not be found, started, reached or stopped
│   ├── BinaryMissing        the program is not on this machine
│   ├── PortTaken            another process listens where ours should
│   ├── DiskFull             no room left in the state folder
│   ├── MemoryShort          the machine has less memory than the plan needs
│   ├── StateNotWritable     the state folder cannot be written
│   ├── TierNotRunning       a command needs a tier that is up
│   └── PublicationUnknown   the stream of changes begins where its publication did not exist yet
├── DatabaseError     (3)    raised by `candlefish.Database`; `carried_out` says what became of the statement
│   ├── Unavailable          no server could be reached, or a read lost its connection; nothing was changed
│   ├── WriteUnknown         the connection was lost while a write was under way: it may have been carried out
│   ├── AcquireTimeout       no connection became free in time
│   │   └── TooManyWaiting   so many callers wait for a connection already that this one was sent away at once
│   ├── StatementTimeout     the statement ran longer than it may
│   ├── StatementFailed      the server refused the statement; `sqlstate` says why
│   └── RowMismatch          a row does not fit the type that was asked for
└── CacheError        (3)    raised by `candlefish.Cache`
    ├── CacheUnavailable     Redis could not be reached in time
    └── LoadTimeout          a loader ran longer than it may, and nothing older may be served
"""

import difflib
from collections.abc import Iterable
from typing import Final

LIKENESS: Final = 0.6
"""How alike two names must be to be proposed: difflib's own default."""


class CandlefishError(Exception):
    """Say what went wrong (one line), the facts behind it, and what to run next."""

    exit_code = 1

    def __init__(self, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.detail:
            lines.append(f"detail: {self.detail}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class UsageError(CandlefishError):
    """Something was asked for that cannot be."""

    exit_code = 2


class SpecError(UsageError):
    """candlefish.toml is wrong; `problems` has one line for each mistake found."""

    def __init__(self, message: str, *, problems: tuple[str, ...], hint: str = "") -> None:
        super().__init__(message, detail="\n        ".join(problems), hint=hint)
        self.problems = problems


class CheckFailed(CandlefishError):
    """A check or a promise did not hold."""


class EngineError(CandlefishError):
    """A program of the tier could not be found, started, reached or stopped."""

    exit_code = 3


class BinaryMissing(EngineError):
    """The program is not on this machine."""


class PortTaken(EngineError):
    """Another process listens where one of ours should."""


class DiskFull(EngineError):
    """No room is left in the state folder."""


class MemoryShort(EngineError):
    """The machine has less memory than the plan needs."""


class StateNotWritable(EngineError):
    """The state folder cannot be written."""


class TierNotRunning(EngineError):
    """A command needs a tier that is up."""


class PublicationUnknown(EngineError):
    """The stream of changes begins where its publication, or the slot, did not exist yet."""


class DatabaseError(CandlefishError):
    """Raised by `candlefish.Database`.

    `carried_out`: False when the statement certainly changed nothing, None when that is unknown, True when it was
    carried out and only its result was lost.
    """

    exit_code = 3

    def __init__(self, message: str, *, carried_out: bool | None = False, detail: str = "", hint: str = "") -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.carried_out = carried_out


class Unavailable(DatabaseError):
    """No server could be reached, or a read lost its connection on the way: nothing was changed."""


class WriteUnknown(DatabaseError):
    """The connection was lost (or a deadline passed) while a write was under way: it may have been carried out."""

    def __init__(self, message: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(message, carried_out=None, detail=detail, hint=hint)


class AcquireTimeout(DatabaseError):
    """No connection became free in time."""


class TooManyWaiting(AcquireTimeout):
    """So many callers wait for a connection already that this one was sent away at once."""


class StatementTimeout(DatabaseError):
    """The statement ran longer than it may."""


class StatementFailed(DatabaseError):
    """The server refused the statement; `sqlstate` is its five-letter reason."""

    def __init__(
        self, message: str, *, sqlstate: str, carried_out: bool | None = False, detail: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, carried_out=carried_out, detail=detail, hint=hint)
        self.sqlstate = sqlstate


class RowMismatch(DatabaseError):
    """A row does not fit the type that was asked for."""


class CacheError(CandlefishError):
    """Raised by `candlefish.Cache`."""

    exit_code = 3


class CacheUnavailable(CacheError):
    """Redis could not be reached in time."""


class LoadTimeout(CacheError):
    """A loader ran longer than it may, and nothing older may be served."""


def closest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean X?" for the known name that looks most like this one, or an empty text."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=LIKENESS)
    return f"; did you mean {matches[0]}?" if matches else ""
