"""A value of a column in the form that an operator's other side has."""

import json
import re
from typing import Final

_PREFIX: Final = 4
"""Letters of a pattern: enough to tell words apart, few enough that some rows match."""

_LEXEME: Final = re.compile(r"'([^']{3,})'")
"""A word of a tsvector's text; short ones are often stop words."""


def shaped(value: str, operator: str, of: str) -> str:
    """Return a value of a column as the operator's other side: a pattern, a key, a word, a part of a document."""
    if operator in ("~~", "!~~"):
        return _pattern(value[:_PREFIX]) + "%"
    if operator in ("~~*", "!~~*"):
        return f"%{_pattern(value[1:5] or value)}%"
    if operator in ("~", "~*"):
        return "".join(letter if letter.isalnum() else "." for letter in value[:5])
    if operator == "@>" and of == "jsonb":
        return _part(value)
    if operator in ("?", "?|", "?&"):
        key = _first_key(value)
        return key if of == "text" else "{" + json.dumps(key, ensure_ascii=False) + "}"
    if operator == "@@":
        words = _LEXEME.findall(value)
        return words[len(words) // 2] if words else value
    return value


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _part(document: str) -> str:
    """Return one key of a document with its value."""
    try:
        found = json.loads(document)
    except ValueError:
        return "{}"
    if isinstance(found, dict) and found:
        key = next((key for key, value in found.items() if not isinstance(value, dict | list)), next(iter(found)))
        return json.dumps({key: found[key]}, ensure_ascii=False)
    if isinstance(found, list):
        return json.dumps(found[:1], ensure_ascii=False)
    return document


def _first_key(document: str) -> str:
    try:
        found = json.loads(document)
    except ValueError:
        return "a"
    return str(next(iter(found), "a")) if isinstance(found, dict | list) else "a"
