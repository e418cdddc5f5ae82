"""The page: well formed, self-contained, honest about what was missed."""

import dataclasses
import re
from html.parser import HTMLParser

from candlefish.demo.result import DemoResult
from candlefish.report import render_html

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Outline(HTMLParser):
    """Follow the nesting of tags and keep what a test asks about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    return parsed


def test_every_tag_is_closed_in_order(result: DemoResult) -> None:
    parsed = outline(render_html(result))
    assert parsed.wrong == []
    assert parsed.open == []


def test_the_page_asks_for_nothing_outside_itself(result: DemoResult) -> None:
    page = render_html(result)
    parsed = outline(page)
    assert not {"script", "link", "iframe", "img", "object"} & set(parsed.tags)
    assert not [name for name, _ in parsed.attributes if name in ("src", "href", "xlink:href")]
    assert not re.search(r"https?://|url\(|@import", page)


def test_each_chart_has_a_name_and_a_description(result: DemoResult) -> None:
    parsed = outline(render_html(result))
    pictures = parsed.tags.count("svg")
    assert pictures == 6
    assert parsed.tags.count("desc") == pictures
    named = [value for name, value in parsed.attributes if name == "aria-labelledby"]
    ids = {value for name, value in parsed.attributes if name == "id"}
    assert {part for value in named for part in (value or "").split()} <= ids


def test_ids_are_not_given_twice(result: DemoResult) -> None:
    ids = [value for name, value in outline(render_html(result)).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_figures_and_verdicts_appear(result: DemoResult) -> None:
    words = " ".join(outline(render_html(result)).words)
    for expected in (
        "9 of 10 objectives met",
        "98.4 % less",
        "43,210 /s",
        "Cache throughput",
        "3,012,345 rows",
    ):
        assert expected in words
    assert words.count("missed") == 2  # the badge beside the title, and the objective's own


def test_text_from_outside_is_escaped(result: DemoResult) -> None:
    page = render_html(result)
    assert "metrics &lt;over&gt; a time range" in page
    assert "<over>" not in page


def test_a_demo_without_ablation_has_one_chart_less(result: DemoResult) -> None:
    page = render_html(dataclasses.replace(result, ablation=()))
    assert outline(page).tags.count("svg") == 5
    assert "Ablation" not in page
