"""A Lua script, which Redis runs as one step."""

from hashlib import sha1


class Script:
    """The text of a script, the name under which Redis keeps it, and whether it changes its first key."""

    __slots__ = ("changes", "sha", "text")

    def __init__(self, text: str, *, changes: bool = False) -> None:
        self.changes = changes
        self.text = text.strip()
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()
