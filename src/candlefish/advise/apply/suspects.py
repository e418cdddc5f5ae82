"""Which of the changes that were applied can have made a statement slower."""

from collections.abc import Iterable, Sequence
from typing import Final

from candlefish.advise.apply.baseline import Baseline, names_of
from candlefish.advise.apply.journal import Entry
from candlefish.advise.plans.explain import Connection
from candlefish.advise.workload.fingerprint import kind_of

_READ: Final = """
SELECT coalesce(s.idx_scan, 0) > 0, a.attname
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE n.nspname = %s AND c.relname = %s
"""


def suspects_of(connection: Connection, slower: Baseline, lines: Sequence[Entry]) -> tuple[str, ...]:
    """Return the recommendations that can have made a statement slower, the likeliest first.

    Those that were made for it come first, then the newest. Every index of the table makes a write slower; a read only
    one that was scanned and whose first column it names, or one that is gone.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in reversed(lines):
        if entry.recommendation in slower.concerned_by:
            by_name.setdefault(entry.recommendation, []).append(entry)
    names = list(by_name)
    if kind_of(slower.text) == "select":
        words = names_of(slower.text)
        names = [name for name in names if _could_be_read(connection, by_name[name], words, name in slower.served_by)]
    return tuple(sorted(names, key=lambda name: name not in slower.served_by))


def _could_be_read(connection: Connection, lines: Iterable[Entry], words: frozenset[str], is_meant: bool) -> bool:
    """Tell whether a statement that names these words can read an index of these lines, or misses one."""
    for entry in lines:
        if entry.drops:
            return True
        row = connection.execute(_READ, entry.index).fetchone()
        if row is not None and row[0] and (is_meant or row[1] is None or row[1] in words):  # None: an expression
            return True
    return False
