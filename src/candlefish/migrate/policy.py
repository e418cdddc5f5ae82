"""Which statements and psql commands of a dump run in the new database, and which are left out, and why."""

import re
from dataclasses import dataclass
from typing import Literal

Action = Literal["run", "leave out", "refuse"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one item: `why` names the kind that is counted, or the reason of a refusal."""

    action: Action
    why: str = ""


RUN = Decision("run")

_REFUSED = "it reaches outside the new database, and a load never does that"
_LEFT_OUT = (
    ("owners", r"ALTER\s.+\sOWNER\s+TO\s+(\"[^\"]+\"|\S+)$"),
    ("grants", r"(GRANT|REVOKE|ALTER\s+DEFAULT\s+PRIVILEGES)\b"),
    ("roles", r"(CREATE|ALTER|DROP)\s+(ROLE|GROUP|USER(?!\s+MAPPING))\b"),
    ("roles", r"(SET\s+((LOCAL|SESSION)\s+)?|RESET\s+)(ROLE|SESSION\s+AUTHORIZATION)\b"),
    ("database statements", r"(CREATE|ALTER|DROP)\s+DATABASE\b"),
    ("database statements", r"(COMMENT\s+ON|SECURITY\s+LABEL\s.*ON)\s+DATABASE\b"),
    ("tablespaces", r"((CREATE|ALTER|DROP|COMMENT\s+ON)\s+TABLESPACE|SET\s+default_tablespace(?!\s*=\s*''))\b"),
    ("subscriptions", r"(CREATE|ALTER|DROP|COMMENT\s+ON)\s+SUBSCRIPTION\b"),
    ("copies to the screen", r"COPY\b.*\bTO\s+STDOUT\b"),
    ("settings of a newer version", r"SET\s+(transaction_timeout)\b"),
)
_RULES = tuple((what, re.compile(pattern.encode(), re.IGNORECASE | re.DOTALL)) for what, pattern in _LEFT_OUT)
_OUTSIDE = re.compile(
    rb"""ALTER\s+SYSTEM\b | COPY\b.*\b(?:FROM|TO)\s+PROGRAM\b | COPY\b[^']*\b(?:FROM|TO)\s+E?' | LOAD\s+'""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_WITHOUT_EFFECT = frozenset(
    (
        "restrict",
        "unrestrict",
        "echo",
        "qecho",
        "warn",
        "timing",
        "set",
        "unset",
        "pset",
        "a",
        "x",
        "t",
        "r",
        "p",
    )
)
_HEAD_BYTES = 4096
"""Looked at of a statement: what decides stands in its beginning, and one with OWNER TO is short."""


def decide_statement(sql: bytes) -> Decision:
    """Say whether a statement of a dump runs in the new database."""
    head = sql[:_HEAD_BYTES].strip()
    if _OUTSIDE.match(head):
        return Decision("refuse", _REFUSED)
    for what, pattern in _RULES:
        if pattern.match(head):
            return Decision("leave out", what)
    return RUN


def decide_command(name: str) -> Decision:
    """Say what a psql command of a dump means here; none is ever run."""
    if name in _WITHOUT_EFFECT:
        return Decision("leave out", "psql settings")
    if name in ("connect", "c"):
        return Decision("leave out", "database statements")
    return Decision("refuse", "psql commands are never run by a load")


_HARMLESS = (
    # `pg_dump --clean` drops first: in a new database there is nothing to drop.
    (r"(DROP\b|ALTER\s+TABLE\s.*\bDROP\s+CONSTRAINT\b)", ("42P01", "42704", "42883", "3F000", "42703")),
    (r"CREATE\s+SCHEMA\s+\"?public\"?", ("42P06",)),
    (r"(CREATE|COMMENT\s+ON)\s+EXTENSION\s.*plpgsql", ("42710", "42501")),
)
_HARMLESS_RULES = tuple(
    (re.compile(pattern.encode(), re.IGNORECASE | re.DOTALL), states) for pattern, states in _HARMLESS
)


def is_harmless(sql: bytes, sqlstate: str) -> bool:
    """Tell whether a failed statement leaves nothing missing in a new database."""
    head = sql[:_HEAD_BYTES]
    return any(sqlstate in states and pattern.match(head) for pattern, states in _HARMLESS_RULES)
