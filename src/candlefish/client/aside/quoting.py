"""How an argument is written in a key, so that different arguments are never written alike."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import quote as percent_encode
from uuid import UUID

from candlefish.errors import UsageError

SEPARATORS = frozenset(":/|@#;& {}")
"""What never stands in a quoted value: one of these has to stand between two of them in a template."""

_AS_TEXT = (int, str, float, Decimal, date, datetime, time, timedelta)
_LIKE_ANOTHER = re.compile(r"-?[0-9]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""Text that could be read as a number or a UUID."""


def quote(value: Any) -> str:
    """Write a value for a key: int and UUID as they are, text percent-encoded, the rest as `!type=text`.

    Text that begins like a number or is like a UUID gets its first character encoded too: 7 is `7`, "7" is `%37`.
    """
    kind = type(value)
    if kind is int or kind is UUID:
        return str(value)
    if kind is str:
        return _quote_text(value)
    if value is None or kind is bool:
        return f"!{value}"
    return f"!{kind.__name__}={_quote_other(value)}"


def _quote_text(text: str) -> str:
    if text.isascii() and text.isalpha():
        return text
    try:
        quoted = percent_encode(text, safe="")
    except UnicodeEncodeError as error:
        raise UsageError(f"the text {text!r} cannot stand in a key: {error.reason}") from error
    return f"%{ord(quoted[0]):X}{quoted[1:]}" if _LIKE_ANOTHER.match(quoted) else quoted


def _quote_other(value: Any) -> str:
    if isinstance(value, Enum):
        return percent_encode(value.name)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return _enclose(map(quote, value))
    if isinstance(value, frozenset | set):
        return _enclose(sorted(map(quote, value)))
    if isinstance(value, _AS_TEXT):
        return percent_encode(str(value), safe="")
    raise UsageError(
        f"a value of type {type(value).__name__} cannot stand in a key",
        hint="put one of its attributes into the template, as in {user.id}",
    )


def _enclose(quoted: Iterable[str]) -> str:
    return f"({''.join(f'{one},' for one in quoted)})"
