"""Statements that the role may not even have planned, such as the writes of a role that only reads: the lab may."""

from collections.abc import Iterable
from dataclasses import replace

import psycopg

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.problem import roots_of
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Refused, Skipped, Statement, Workload
from candlefish.advise.workload.constants import planned, reason_of, with_constants


def without_refused(connection: Connection, workload: Workload) -> Workload:
    """Return a workload of texts that nobody planned yet, those apart that this role has no rights for."""
    kept, refused = [], list(workload.refused)
    for statement in workload.statements:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(f"EXPLAIN {statement.samples[0]}".encode())
        except psycopg.errors.InsufficientPrivilege as error:
            refused.append(Refused(statement, reason_of(connection, error)))
        except psycopg.Error as error:  # the search finds the same, and reports it
            reason_of(connection, error)
            kept.append(statement)
        else:
            kept.append(statement)
    return replace(workload, statements=tuple(kept), refused=tuple(refused))


def planned_in_lab(connection: Connection, workload: Workload, catalog: Catalog) -> Workload:
    """Return the workload with the refused statements that have a plan in the lab; the others are skipped."""
    found: list[Statement] = []
    skipped: list[Skipped] = []
    for one in workload.refused:
        made, reason = _planned(connection, one.statement, catalog)
        found += made
        skipped += [] if made else [Skipped(one.statement.text, reason or one.reason)]
    statements = sorted((*workload.statements, *found), key=lambda one: -one.calls_per_hour * (one.mean_ms or 1.0))
    return replace(
        workload, statements=tuple(statements), skipped=(*workload.skipped, *skipped), refused=workload.refused
    )


def skip_refused(workload: Workload) -> Workload:
    """Return the workload where no lab helps: what was refused is skipped, in PostgreSQL's words."""
    return replace(workload, skipped=(*workload.skipped, *_as_skipped(workload.refused)))


def _as_skipped(refused: Iterable[Refused]) -> Iterable[Skipped]:
    return (Skipped(one.statement.text, one.reason) for one in refused)


def _planned(connection: Connection, statement: Statement, catalog: Catalog) -> tuple[list[Statement], str]:
    """Return a statement as it can be run in the lab, or none and why ("" where the lab lacks its table too)."""
    if not statement.samples:
        made = with_constants(connection, [statement], catalog, roots_of(catalog))
        return list(made.statements), made.skipped[0].reason if made.skipped and not made.lacks_table else ""
    samples, reason = [], ""
    for text in statement.samples:
        try:
            samples.append(planned(connection, text, catalog))
        except psycopg.Error as error:
            lacks = isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName)
            reason = "" if lacks else reason_of(connection, error)
    return [replace(statement, samples=tuple(samples))] if samples else [], reason
