"""What each recommended index takes: its size on disk, and what those who write pay for it in an hour."""

from collections.abc import Sequence
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.report import svg
from candlefish.report.advice_rows import in_one_line, price_an_hour, size

WIDTH: Final = 560
ROW: Final = 62
LETTERS: Final = 74
ROOM: Final = 92


def index_price_chart(recommendations: Sequence[Recommendation]) -> str:
    """Draw a pair of bars for each; sizes and prices have a scale each, from nothing to the largest."""
    frame = svg.Frame(width=WIDTH, height=ROW * len(recommendations) + 34, left=0, right=ROOM, top=30, bottom=4)
    sizes = [abs(one.size_bytes) for one in recommendations]
    prices = [one.write_price.ms_per_hour if one.write_price else 0.0 for one in recommendations]
    of_size = svg.linear(0, max([1, *sizes]), frame.x0, frame.x1)
    of_price = svg.linear(0, max([1e-9, *prices]), frame.x0, frame.x1)
    body = [_legend(frame)]
    for index, one in enumerate(recommendations):
        y = frame.y0 + ROW * index
        words = size(one.size_bytes), price_an_hour(one.write_price)
        body.append(svg.text(frame.x0, y + 18, in_one_line(one.name, LETTERS), css="sql"))
        body += _bar(frame, y + 24, of_size(sizes[index]), f"{one.name}: {words[0]}", words[0], _colour(one))
        body += _bar(
            frame, y + 40, of_price(max(prices[index], 0.0)), f"{one.name}: {words[1]} an hour", words[1], "price"
        )
    described = "; ".join(
        f"{one.name}: {size(one.size_bytes)}, {price_an_hour(one.write_price)} an hour" for one in recommendations
    )
    return svg.drawing(frame, "advice-price", "Size, and the price on writes", described, "".join(body))


def _colour(one: Recommendation) -> str:
    return "freed" if one.size_bytes < 0 else "size"


def _bar(frame: svg.Frame, y: float, end: float, hint: str, words: str, css: str) -> list[str]:
    return [svg.bar(frame.x0, y, end - frame.x0, 13, css, hint), svg.text(end + 7, y + 11, words, css="tick")]


def _legend(frame: svg.Frame) -> str:
    parts = []
    for left, css, words in ((0, "size", "size"), (70, "freed", "given back"), (172, "price", "writes, an hour")):
        parts.append(svg.bar(frame.x0 + left, 6, 12, 12, css))
        parts.append(svg.text(frame.x0 + left + 18, 17, words, css="tick"))
    return "".join(parts)
