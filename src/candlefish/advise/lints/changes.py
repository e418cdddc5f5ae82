"""Recommendations that take an index away or build it anew, and the reasons for which one must stay."""

import hashlib
from dataclasses import dataclass

from candlefish.advise.advice import Confidence, Recommendation, RecommendationKind, Step
from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.quoting import quote


@dataclass(frozen=True, slots=True)
class Why:
    """Why an index is to go, and how sure that is."""

    reason: str
    confidence: Confidence


def drop_index(existing: ExistingIndex, table: TableFacts, why: Why, size_bytes: int | None = None) -> Recommendation:
    """Return the recommendation to drop an index; on a partitioned table PostgreSQL can't do it CONCURRENTLY."""
    is_partitioned = table.kind == "partitioned table"
    words = "DROP INDEX" if is_partitioned else "DROP INDEX CONCURRENTLY"
    size = existing.size_bytes if size_bytes is None else size_bytes
    return _recommend("drop index", existing, f"{words} {full_name(existing)}", undo_of(existing, table), why, -size)


def reindex(existing: ExistingIndex, why: Why) -> Recommendation:
    """Return the recommendation to build an index anew; there is nothing to take back.

    Its step names no index: what is not ours must not be removed where the step fails, nor by an undo.
    """
    return _recommend("reindex", existing, f"REINDEX INDEX CONCURRENTLY {full_name(existing)}", "", why, 0)


def undo_of(existing: ExistingIndex, table: TableFacts) -> str:
    """Return the statement that makes a dropped index again, as PostgreSQL itself describes it."""
    if table.kind == "partitioned table":
        return existing.index.render(existing.name)  # pg_get_indexdef says ON ONLY, which would leave the leaves out
    return existing.text.replace("INDEX ", "INDEX CONCURRENTLY ", 1)


def why_kept(existing: ExistingIndex, table: TableFacts, facts: LintFacts) -> str:
    """Return the reason for which an index stays whatever its use is; "" where it may go."""
    reasons = (
        (existing.oid in facts.primary_keys, "it is the primary key"),
        (bool(existing.constraint), f"it holds the constraint {existing.constraint}"),
        (existing.is_replica_identity, "it is the replica identity, or the order of CLUSTER"),
        (existing.oid in facts.referenced, "a foreign key refers to it"),
        (bool(existing.parent), f"it is a part of {existing.parent}"),
        (bool({existing.oid, table.oid} & facts.of_extensions), "it belongs to an extension"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def leaves_of(existing: ExistingIndex, table: TableFacts, catalog: Catalog) -> tuple[ExistingIndex, ...]:
    """Return the parts of a partitioned index that hold rows; the index itself where it is no partitioned one."""
    if table.kind != "partitioned table":
        return (existing,)
    parts = [facts for facts in catalog.tables.values() if facts.parent == table.table]
    return tuple(
        leaf
        for facts in parts
        for index in facts.indexes
        if index.parent == existing.name
        for leaf in leaves_of(index, facts, catalog)
    )


def full_name(existing: ExistingIndex) -> str:
    """Return schema and name in quotes."""
    return f"{quote(existing.schema)}.{quote(existing.name)}"


def subject(existing: ExistingIndex) -> str:
    """Return the name by which findings call an index."""
    return f"index {existing.schema}.{existing.name}"


def _recommend(
    kind: RecommendationKind, existing: ExistingIndex, statement: str, undo: str, why: Why, size_bytes: int
) -> Recommendation:
    return Recommendation(
        id=hashlib.blake2b(statement.encode(), digest_size=3).hexdigest(),
        kind=kind,
        table=existing.index.table,
        name=existing.name,
        statement=statement,
        undo=undo,
        reason=why.reason,
        size_bytes=size_bytes,
        before_ms=None,
        after_ms=None,
        measured=False,
        confidence=why.confidence,
        write_price=None,
        steps=(Step(statement, (existing.schema, existing.name) if kind == "drop index" else ("", "")),),
    )
