"""Apply recommendations one after the other, and take them back; what a killed run left is mended first."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.baseline import note_before, note_start
from candlefish.advise.apply.build import Patience, build
from candlefish.advise.apply.counts import read_counts
from candlefish.advise.apply.extension import has_extension, made_extension
from candlefish.advise.apply.journal import entries, has_journal, make_journal
from candlefish.advise.apply.look import find_index
from candlefish.advise.apply.session import change
from candlefish.advise.apply.settle import mend
from candlefish.advise.apply.takeback import take_back
from candlefish.advise.plans.explain import Connection
from candlefish.errors import UsageError


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: names of indexes that were built, that were there already, and what was mended before."""

    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


def apply(
    dsn: str,
    recommendations: Sequence[Recommendation],
    patience: Patience,
    on_step: Callable[[str], None] = lambda _: None,
) -> Applied:
    """Carry out recommendations; each statement is in the journal before it runs, and its end after."""
    done, skipped = list[str](), list[str]()
    with change(dsn) as connection:
        make_journal(connection)
        mended = mend(connection, on_step)
        for one in recommendations:
            try:
                for step in one.steps:
                    extension = made_extension(step.statement)
                    if extension and has_extension(connection, extension):
                        skipped.append(extension)  # it is no part of the journal then, so that undo leaves it
                        continue
                    made = find_index(connection, step.index) if step.index[1] else None
                    if step.index[1] and (made is not None) is step.makes_index:
                        skipped.append(step.index[1])  # it is there already, or gone already
                        continue
                    if not done:
                        note_before(connection, recommendations)
                    on_step(step.statement)
                    build(connection, one, step, patience, on_step)
                    done.append(step.index[1] or step.statement)
            except BaseException:
                if len(one.steps) > 1 and not connection.closed:
                    _withdraw(connection, one.id, patience, on_step)
                raise
        if done:
            _count_from_now(connection)
    return Applied(tuple(done), tuple(skipped), mended)


def undo(
    dsn: str, patience: Patience, only: Sequence[str] = (), on_step: Callable[[str], None] = lambda _: None
) -> Applied:
    """Take back what the journal says was built, the newest first; `only` names recommendations."""
    done, skipped = [], []
    with change(dsn) as connection:
        if not has_journal(connection):
            return Applied()
        mended = mend(connection, on_step)
        for entry in reversed(entries(connection, "built")):
            if only and entry.recommendation not in only:
                continue
            if not take_back(connection, entry, patience, on_step):
                skipped.append(str(entry))
            elif entry.rebuilds is None:  # a rebuilt index is as it was
                done.append(str(entry))
    return Applied(tuple(done), tuple(skipped), mended)


def _withdraw(connection: Connection, recommendation: str, patience: Patience, on_step: Callable[[str], None]) -> None:
    """Take the first steps of a recommendation back whose next step failed: half of them serve nobody."""
    for entry in reversed(entries(connection, "built")):
        if entry.recommendation == recommendation:
            take_back(connection, entry, patience, on_step)


def _count_from_now(connection: Connection) -> None:
    """Let a watch leave out what statements took while something was built."""
    with suppress(UsageError):  # nobody counts them, and nothing was noted before either
        note_start(connection, read_counts(connection))
