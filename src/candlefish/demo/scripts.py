"""The SQL files that ship with the reference application."""

from importlib.resources import as_file, files
from pathlib import Path

FOLDER = files("candlefish.demo").joinpath("sql")


def read_script(name: str) -> str:
    """Return the text of one SQL file, named relative to the sql folder ("dataset/users.sql")."""
    return FOLDER.joinpath(*name.split("/")).read_text(encoding="utf-8")


def script_path(name: str) -> Path:
    """Return where one SQL file lies, for psql (a wheel is always unpacked, so the path outlives the call)."""
    with as_file(FOLDER.joinpath(*name.split("/"))) as path:
        return path
