"""An expression of a plan as tokens: names, literals, operators, brackets. Joined, they are the text again."""

import re
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>[EBX]?'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    | (?P<parameter>\$\d+)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<cast>::)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<dot>\.)
    | (?P<comma>,)
    | (?P<operator>[-+*/<>=~!@\#%^&|`?]+|:)
    """,
    re.VERBOSE,
)
"""What pg_get_expr prints. A backslash stands in E'' strings alone: it prints those, and '' for every quote."""

_PLAIN_STRING: Final = re.compile(r"'(?:[^']|'')*'")


class Token(NamedTuple):
    """A piece of the text; `kind` is a group of the pattern above."""

    kind: str
    text: str


def tokenize(text: str) -> list[Token]:
    """Return the tokens of an expression; a character that is none of them stands alone as "other"."""
    tokens, at = [], 0
    while at < len(text):
        plain = _PLAIN_STRING.match(text, at)
        match = _TOKEN.match(text, at)
        if plain is not None:
            token = Token("string", plain[0])
        elif match is None:
            token = Token("other", text[at])
        else:
            token = Token(match.lastgroup or "other", match[0])
        tokens.append(token)
        at += len(token.text)
    return tokens


def unquote(name: str) -> str:
    """Return the name that an identifier stands for."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
