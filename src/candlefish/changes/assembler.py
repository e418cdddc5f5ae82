"""Messages of one connection, put together to committed transactions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

from candlefish.changes.binding import BoundRule, bind
from candlefish.changes.change import Change
from candlefish.changes.messages import Begin, Commit, Delete, Insert, Message, Relation, Truncate, Update
from candlefish.changes.pgoutput import parse
from candlefish.changes.stale import MAX_NAMES, Stale
from candlefish.client.rules import Rule
from candlefish.errors import EngineError

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What PostgreSQL counts its timestamps from."""

_OF_ROWS: Final = frozenset(b"IUD")
_RELATION_OID = Struct("!xI").unpack_from


class Assembler:
    """Take messages one by one and return the transaction that each completes.

    A connection needs one of its own: PostgreSQL describes each table anew in it.
    """

    def __init__(
        self, rules: Iterable[Rule], bases: Mapping[int, int], most_names: int = MAX_NAMES, *, timeline: int = 0
    ) -> None:
        self._rules = tuple(rules)
        self._timeline = timeline
        self._bases = bases
        self._most = most_names
        self._tables: dict[int, tuple[str, tuple[BoundRule, ...]]] = {}
        self._xid: int | None = None
        self._stale = Stale(most_names)

    def feed(self, payload: bytes) -> Change | None:
        """Take one message; return the transaction if it is its commit. Raise EngineError for a broken one."""
        if payload and payload[0] in _OF_ROWS:
            self._stale.rows += 1
            oid = _RELATION_OID(payload)[0] if len(payload) > 5 else 0
            rules = self._tables.get(oid, ("", ()))[1]
            if self._stale.everything or (not rules and oid in self._tables):
                return None
        message = parse(payload)
        return None if message is None else self._take(message)

    def _take(self, message: Message) -> Change | None:
        match message:
            case Insert() | Update() | Delete():
                for rule in self._require_rules(message.oid):
                    rule.note(message, self._stale)
                self._stale.bound()
            case Begin():
                self._xid, self._stale = message.xid, Stale(self._most)
            case Commit():
                return self._finish(message)
            case Relation():
                self._tables[message.oid] = (message.table, bind(self._rules, message, self._bases))
            case Truncate():
                self._note_truncate(message)
        return None

    def _require_rules(self, oid: int) -> tuple[BoundRule, ...]:
        if oid not in self._tables:
            raise EngineError("the stream changed a table that it had not described", detail=f"its OID is {oid}")
        return self._tables[oid][1]

    def _note_truncate(self, message: Truncate) -> None:
        for oid in message.oids:
            if self._require_rules(oid):
                self._stale.flood(f"{self._tables[oid][0]} was truncated")

    def _finish(self, commit: Commit) -> Change:
        if self._xid is None:
            raise EngineError("the stream ended a transaction that it had not begun")
        xid, stale = self._xid, self._stale
        self._xid, self._stale = None, Stale(self._most)
        committed_at = EPOCH + timedelta(microseconds=commit.committed_us)
        return Change(xid, commit.commit_lsn, commit.end_lsn, committed_at, stale.rows, stale.freeze(), self._timeline)
