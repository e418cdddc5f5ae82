"""From normalised texts to statements that can be run: literals in the place of `$1`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import psycopg

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.explain import Connection, explain
from candlefish.advise.statements import Refused, Skipped, Statement, Table
from candlefish.advise.workload.parameters import Parameter, UnknownKey, fill, find_parameters
from candlefish.advise.workload.qualify import qualified
from candlefish.advise.workload.repair import mend, repair
from candlefish.advise.workload.split import pieces
from candlefish.advise.workload.values import SAMPLES, Values

MOST_FORMS: Final = 8
"""Forms of one text that are tried; each mends one thing that pg_stat_statements broke."""

_OF_A_ROW: Final = 1
"""The sample whose equal values come from one row, so that it finds something."""


@dataclass(frozen=True, slots=True)
class Runnable:
    """Statements of which each sample was planned once, and those for which there is none."""

    statements: tuple[Statement, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...] = ()
    lacks_table: bool = False
    """Whether a statement was skipped because there is no such table."""


def with_constants(
    connection: Connection, statements: Iterable[Statement], catalog: Catalog, roots: Mapping[Table, Table]
) -> Runnable:
    """Return the statements with samples; one that can't be planned is skipped in PostgreSQL's words."""
    kept: list[Statement] = []
    skipped: list[Skipped] = []
    refused: list[Refused] = []
    lacks_table = False
    for statement in statements:
        try:
            samples = _samples(connection, statement, catalog, roots)
        except psycopg.errors.InsufficientPrivilege as error:
            refused.append(Refused(statement, reason_of(connection, error)))
        except psycopg.Error as error:
            lacks_table = lacks_table or isinstance(error, psycopg.errors.UndefinedTable)
            skipped.append(Skipped(statement.text, reason_of(connection, error)))
        except UnknownKey as error:
            skipped.append(Skipped(statement.text, f"the literal in {error} was not kept: a log of statements has it"))
        else:
            kept.append(replace(statement, samples=samples))
    return Runnable(tuple(kept), tuple(skipped), tuple(refused), lacks_table)


def reason_of(connection: Connection, error: psycopg.Error) -> str:
    """Return why PostgreSQL refused a statement; raise the error again where it ended the connection."""
    if connection.closed:
        raise error
    return (error.diag.message_primary or str(error)).strip()


def _samples(
    connection: Connection, statement: Statement, catalog: Catalog, roots: Mapping[Table, Table]
) -> tuple[str, ...]:
    if not any(kind == "parameter" for kind, _ in pieces(statement.text)):
        return (planned(connection, statement.text, catalog),)
    text, parameters = _understood(connection, statement.text, catalog, roots)
    for one in parameters:
        if one.is_in_expression:
            raise UnknownKey(_expression_with(one, parameters))
    values = Values(connection, catalog, statement.rows_per_call)
    columns = {one.number: (values.of(one), one.type) for one in parameters}
    row = values.of_a_row(parameters)
    found: dict[str, None] = {}
    failure: psycopg.Error | None = None
    for at in range(SAMPLES):
        known = {number: (value[at], of) for number, (value, of) in columns.items()}
        if at == _OF_A_ROW:
            known |= {number: (value, columns[number][1]) for number, value in row.items()}
        sample = fill(text, known)
        try:
            explain(connection, sample)
        except psycopg.Error as error:
            reason_of(connection, error)
            failure = error
        else:
            found[sample] = None
    if failure is not None and not found:
        raise failure
    return tuple(found)


def planned(connection: Connection, text: str, catalog: Catalog) -> str:
    """Return a text that has a plan: with schemas where the search path lacks them; psycopg's error without one."""
    try:
        explain(connection, text)
    except psycopg.errors.UndefinedTable:
        for other in qualified(text, catalog):
            try:
                explain(connection, other)
            except psycopg.Error as error:
                reason_of(connection, error)
            else:
                return other
        raise
    return text


def _understood(
    connection: Connection, text: str, catalog: Catalog, roots: Mapping[Table, Table]
) -> tuple[str, tuple[Parameter, ...]]:
    """Return a form of a text that PostgreSQL prepares, with its parameters; its first error where there is none."""
    forms, first = [repair(text)], None
    for form in (forms[at] for at in range(MOST_FORMS) if at < len(forms)):
        try:
            return form, find_parameters(connection, form, roots)
        except psycopg.Error as error:
            message = reason_of(connection, error)
            first = first or error
            if isinstance(error, psycopg.errors.UndefinedTable):
                forms += [other for other in qualified(form, catalog) if other not in forms]
            else:
                mended = mend(form, error.sqlstate or "", message)
                forms += [mended] if mended is not None else []
    assert first is not None
    raise first


def _expression_with(parameter: Parameter, parameters: Iterable[Parameter]) -> str:
    """Return an expression that a parameter is a part of."""
    expressions = (one.predicate.expression for one in parameters if one.predicate is not None)
    return next((text for text in expressions if f"${parameter.number}" in text), f"${parameter.number}")
