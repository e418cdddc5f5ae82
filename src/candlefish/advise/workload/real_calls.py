"""From real calls to statements that can be run: the values they were called with in the place of `$1`."""

from collections.abc import Iterable
from dataclasses import replace

import psycopg

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.problem import roots_of
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Refused, Skipped, Statement, Workload
from candlefish.advise.workload.constants import planned, reason_of, with_constants
from candlefish.advise.workload.log_calls import Call
from candlefish.advise.workload.parameters import fill, parameter_types
from candlefish.advise.workload.qualify import qualified
from candlefish.advise.workload.seen import Seen


def make_workload(
    connection: Connection, catalog: Catalog, seen: Iterable[Seen], *, source: str, hours: float, limit: int
) -> Workload:
    """Return the heaviest statements with samples that were planned once.

    Those whose values nobody logged get values from the statistics; the others that have no plan are skipped.
    """
    statements: list[Statement] = []
    skipped: list[Skipped] = []
    refused: list[Refused] = []
    for one in sorted(seen, key=lambda each: -each.weight)[:limit]:
        calls = one.typical()
        statement = Statement(one.id, one.text, one.kind, (), one.count / hours, one.mean_ms, role=one.role)
        if not calls:
            made = with_constants(connection, [statement], catalog, roots_of(catalog))
            statements += made.statements
            skipped += made.skipped
            refused += made.refused
            continue
        samples, reason, without_right = _runnable(connection, catalog, calls)
        real = replace(statement, samples=samples or without_right, constants_seen=True)
        if samples:
            statements.append(real)
        elif without_right:
            refused.append(Refused(real, reason))
        else:
            skipped.append(Skipped(one.text, reason))
    return Workload(source, hours, tuple(statements), tuple(skipped), refused=tuple(refused))


def _runnable(
    connection: Connection, catalog: Catalog, calls: Iterable[Call]
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return the texts that have a plan, the last reason why one has none, and those that only lack a right."""
    samples: dict[str, None] = {}
    without_right: dict[str, None] = {}
    reason = ""
    for call in calls:
        text = ""
        try:
            text = _filled(connection, call, catalog)
            samples[planned(connection, text, catalog)] = None
        except psycopg.errors.InsufficientPrivilege as error:
            reason = reason_of(connection, error)
            without_right |= {text: None} if text else {}
        except psycopg.Error as error:
            reason = reason_of(connection, error)
    return tuple(samples), reason, tuple(without_right)


def _filled(connection: Connection, call: Call, catalog: Catalog) -> str:
    """Return a call's text with its values as literals of the types that PostgreSQL finds for them."""
    if not call.values:
        return call.text
    failure: psycopg.Error | None = None
    for text in (call.text, *qualified(call.text, catalog)):
        try:
            types = parameter_types(connection, text)
        except psycopg.Error as error:
            reason_of(connection, error)
            failure = failure or error
            continue
        known = {number: (value, types[number - 1]) for number, value in call.values if number <= len(types)}
        return fill(text, known)
    assert failure is not None
    raise failure
