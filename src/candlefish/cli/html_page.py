"""`--html FILE`, which several commands have: the option, and how the page is written."""

from pathlib import Path
from typing import Annotated

import typer

from candlefish.errors import StateNotWritable

HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write a page with pictures.", show_default=False)
]


def write_page(file: Path, text: str) -> None:
    """Write a page; raise StateNotWritable when that can't be."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StateNotWritable(f"could not write {file}", detail=str(error), hint="name another file") from error
