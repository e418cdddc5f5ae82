"""A file of SQL as its statements: what stands in quotes, dollar quotes and comments ends none."""

import re
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*)
    | (?P<escape>[eE]'(?:[^'\\]|''|\\.)*')
    | (?P<string>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<parameter>\$\d+)
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<end>;)
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_NEST: Final = re.compile(r"/\*|\*/")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Give (kind, text) of each piece of SQL; joined, they are the text."""
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        assert match is not None, "the last alternative takes any character"
        kind, found = match.lastgroup or "other", match[0]
        if found == "/*":
            found = text[at : _end_of_comment(text, at)]
        elif kind == "dollar":
            end = text.find(found, match.end())
            kind, found = "string", text[at : end + len(found)] if end >= 0 else text[at:]
        yield ("string" if kind == "escape" else kind), found
        at += len(found)


def split(text: str) -> Iterator[tuple[str, str]]:
    """Give (comments, statement) for each statement: the comments before it, and its text without the semicolon."""
    comments: list[str] = []
    body: list[str] = []
    for kind, found in pieces(text):
        if kind == "end":
            if body:
                yield "\n".join(comments), "".join(body).strip()
            comments, body = [], []
        elif not body and kind == "comment":
            comments.append(found)
        elif body or kind != "space":
            body.append(found)
    if body:
        yield "\n".join(comments), "".join(body).strip()


def _end_of_comment(text: str, begin: int) -> int:
    depth, at = 0, begin
    for match in _NEST.finditer(text, begin):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
        if not depth:
            return at
    return len(text)
