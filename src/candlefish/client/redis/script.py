"""A Lua script, which Redis runs as one step."""

from hashlib import sha1


class Script:
    """The text of a script, and the name under which Redis keeps it."""

    __slots__ = ("sha", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()
