"""Rules bound to a table as it is at present: they write the keys of its rows, the old one's and the new one's."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from candlefish.changes.messages import UNCHANGED, Delete, Insert, OldKind, Relation, Row, RowChange, Value
from candlefish.changes.stale import Stale
from candlefish.changes.values import make_quoter
from candlefish.client.rules import KeyTemplate, Rule

FULL: Final = "f"
"""The REPLICA IDENTITY under which old rows are whole."""

Writer = Callable[[Row], str]

log = logging.getLogger("changes")


@dataclass(frozen=True, slots=True)
class BoundRule:
    """One rule for one table.

    `watched` are the places whose change counts (None: any update does). `wrong` says why no key can be written,
    `blind` why those of old rows can't.
    """

    keys: tuple[Writer, ...]
    tags: tuple[Writer, ...]
    needed: tuple[int, ...]
    watched: tuple[int, ...] | None
    is_full: bool
    wrong: str
    blind: str

    def note(self, change: RowChange, stale: Stale) -> None:
        """Add what a change makes stale."""
        if self.wrong:
            stale.flood(self.wrong)
        elif isinstance(change, Insert):
            self._write(change.new, stale)
        elif isinstance(change, Delete):
            self._note_old(change.old, change.old_kind, stale)
        elif self._counts(change.old, change.old_kind, change.new):
            self._note_old(change.old, change.old_kind, stale)
            new = _complete(change.new, change.old)
            if any(new[place] is UNCHANGED for place in self.needed):
                stale.flood("a large value that was not sent again stands in a key")
            else:
                self._write(new, stale)

    def _counts(self, old: Row | None, kind: OldKind | None, new: Row) -> bool:
        if self.watched is None or (self.blind and kind != "O"):
            return True
        if old is None:  # its replica identity, in which all that is watched stands, is what it was
            return self.is_full
        return any(_differ(old[place], new[place]) for place in self.watched)

    def _note_old(self, old: Row | None, kind: OldKind | None, stale: Stale) -> None:
        if kind == "O" and old is not None:
            self._write(old, stale)
        elif self.blind or self.is_full:  # a partition may have another identity than its root
            stale.flood(self.blind or "an old row is not whole, although its table is REPLICA IDENTITY FULL")
        elif old is not None:
            self._write(old, stale)

    def _write(self, row: Row, stale: Stale) -> None:
        for write in self.keys:
            stale.keys[write(row)] = None
        for write in self.tags:
            stale.tags[write(row)] = None


def bind(rules: Iterable[Rule], relation: Relation, bases: Mapping[int, int]) -> tuple[BoundRule, ...]:
    """Return the rules that speak of a table, bound to its columns; what is wrong with them goes to the log too."""
    bound = tuple(_bind(rule, relation, bases) for rule in rules if rule.table == relation.table)
    for problem in {rule.wrong or rule.blind for rule in bound} - {""}:
        log.warning("%s: its changes make everything stale", problem)
    return bound


def _bind(rule: Rule, relation: Relation, bases: Mapping[int, int]) -> BoundRule:
    places = relation.places
    if missing := sorted(rule.needed - places.keys()):
        wrong = f"{relation.table} has no column {', '.join(missing)}, which a rule names"
        return BoundRule((), (), (), None, False, wrong, "")
    unknown = sorted(name for name in rule.needed if not relation.columns[places[name]].in_identity)
    blind = f"the old rows of {relation.table} lack {', '.join(unknown)} (REPLICA IDENTITY is not FULL)"
    written = frozenset[str]().union(*(template.columns for template in (*rule.keys, *rule.tags)))
    return BoundRule(
        keys=tuple(_make_writer(template, relation, bases) for template in rule.keys),
        tags=tuple(_make_writer(template, relation, bases) for template in rule.tags),
        needed=tuple(places[name] for name in written),
        watched=tuple(places[name] for name in rule.needed) if rule.columns else None,
        is_full=relation.identity == FULL,
        wrong="",
        blind=blind if unknown else "",
    )


def _make_writer(template: KeyTemplate, relation: Relation, bases: Mapping[int, int]) -> Writer:
    places = relation.places
    parts = [
        (field.before, places[field.name], make_quoter(relation.columns[places[field.name]].type_oid, bases))
        for field in template.fields
    ]
    return partial(_write_key, parts, template.after)


def _write_key(parts: list[tuple[str, int, Callable[[str | None], str]]], after: str, row: Row) -> str:
    key = ""
    for before, place, quoter in parts:
        value = row[place]
        key += before + quoter(None if value is UNCHANGED else value)
    return key + after


def _complete(new: Row, old: Row | None) -> Row:
    """Take from the old row what was not sent again."""
    if old is None or UNCHANGED not in new:
        return new
    return tuple(
        before if value is UNCHANGED and before is not None else value for value, before in zip(new, old, strict=True)
    )


def _differ(before: Value, after: Value) -> bool:
    return after is not UNCHANGED and before != after
