"""The page about cost: well formed, self-contained, its pictures described."""

import re
from datetime import date
from html.parser import HTMLParser

from candlefish.cost.snapshot import load_packaged
from candlefish.cost.statement import make_statement
from candlefish.report.cost_html import render_cost_html
from candlefish.spec.model import Spec

COMPARE: dict[str, object] = {
    "name": "the <claim>",
    "source": "a table & a letter",
    "lines": [{"name": "RDS <primary>", "usd": 340.0, "matches": ["rds.primary"]}, {"name": "people", "usd": 1000.0}],
}
ALONE: dict[str, object] = {"name": "self-managed", "source": "", "lines": [{"name": "everything", "usd": 3200.0}]}


def page(*compared: dict[str, object], warning: str = "") -> str:
    spec = Spec.model_validate({"compare": list(compared)})
    return render_cost_html(make_statement(spec, load_packaged("us-east-1"), date(2026, 11, 23), warning))


class Outline(HTMLParser):
    """Follow the nesting of tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def outline(text: str) -> Outline:
    parsed = Outline()
    parsed.feed(text)
    parsed.close()
    return parsed


def test_every_tag_is_closed_in_order_and_no_id_is_given_twice() -> None:
    parsed = outline(page(COMPARE, ALONE))
    assert (parsed.wrong, parsed.open) == ([], [])
    assert len(parsed.ids) == len(set(parsed.ids))


def test_the_page_asks_for_nothing_outside_itself() -> None:
    text = page(COMPARE, ALONE)
    assert not {"script", "link", "iframe", "img", "object"} & set(outline(text).tags)
    assert not re.search(r"src=|href=|url\(|@import", text)


def test_each_picture_has_a_name_and_a_description() -> None:
    parsed = outline(page(COMPARE, ALONE))
    assert parsed.tags.count("svg") == 4
    assert parsed.tags.count("desc") == parsed.tags.count("svg")


def test_words_of_the_file_are_escaped() -> None:
    text = page(COMPARE)
    assert "the &lt;claim&gt;" in text
    assert "<claim>" not in text
    assert "a table &amp; a letter" in text


def test_a_warning_is_on_the_page() -> None:
    assert "the prices are old" in page(warning="the prices are old")
    assert 'class="warning"' not in page()


def test_bars_stay_inside_their_drawing() -> None:
    for x, width in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', page(COMPARE, ALONE)):
        assert float(x) + float(width) <= 1096.6


def test_a_colour_is_defined_for_each_that_is_used() -> None:
    text = page(COMPARE)
    used = set(re.findall(r'class="((?:part\d|rest|before-fill|after-fill))"', text))
    assert used
    assert all(f"svg .{name} {{" in text for name in used)
