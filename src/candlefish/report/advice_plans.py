"""Two plans side by side, with what differs marked."""

import re
from difflib import SequenceMatcher
from html import escape
from typing import Final

_FIGURES: Final = re.compile(r"\s*\((?:cost|actual|rows|never)[^()]*\)")
"""Costs and rows differ in nearly every node: they are no other plan."""


def plans_html(before: str, after: str) -> str:
    """Return both plans, a line of text a line; the lines that only one of them has are marked."""
    first, second = before.rstrip().splitlines(), after.rstrip().splitlines()
    gone, new = _changed(first, second)
    return (
        f'<div class="plans"><div><h4>before</h4>{_plan(first, gone, "gone")}</div>'
        f"<div><h4>after</h4>{_plan(second, new, 'new')}</div></div>"
    )


def _changed(first: list[str], second: list[str]) -> tuple[set[int], set[int]]:
    """Return the numbers of the lines that the other plan lacks, its figures and its depth not looked at."""
    matcher = SequenceMatcher(None, list(map(_bare, first)), list(map(_bare, second)), autojunk=False)
    same = [block for block in matcher.get_matching_blocks() if block.size]
    kept = {at for block in same for at in range(block.a, block.a + block.size)}
    found = {at for block in same for at in range(block.b, block.b + block.size)}
    return set(range(len(first))) - kept, set(range(len(second))) - found


def _bare(line: str) -> str:
    return _FIGURES.sub("", line).strip().removeprefix("-> ")


def _plan(lines: list[str], marked: set[int], css: str) -> str:
    if not lines:
        return '<p class="soft">no plan was kept</p>'
    shown = (
        f'<span class="{css}">{escape(line)}</span>' if at in marked else f"<span>{escape(line)}</span>"
        for at, line in enumerate(lines)
    )
    return f'<pre class="plan" tabindex="0">{"".join(shown)}</pre>'
