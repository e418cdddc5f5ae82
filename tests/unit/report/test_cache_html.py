"""The page about a cache: well formed, self-contained, a picture for each TTL."""

import re

from tests.unit.report.cache_advice_made_up import checked, made_up
from tests.unit.report.test_cost_html import outline

from candlefish.report.cache_html import render_cache_html

PAGE = render_cache_html(made_up(against=(checked("allkeys-lru", 0.79),)))


def test_every_tag_is_closed_in_order_and_no_id_is_given_twice() -> None:
    parsed = outline(PAGE)
    assert (parsed.wrong, parsed.open) == ([], [])
    assert len(parsed.ids) == len(set(parsed.ids))


def test_the_page_asks_for_nothing_outside_itself() -> None:
    assert not {"script", "link", "iframe", "img", "object"} & set(outline(PAGE).tags)
    assert not re.search(r"src=|href=|url\(|@import", PAGE)


def test_each_ttl_has_a_picture_with_a_name_and_a_description() -> None:
    parsed = outline(PAGE)
    assert parsed.tags.count("svg") == parsed.tags.count("desc") == 2
    assert "With a TTL of 60 s" in PAGE
    assert "Without a TTL" in PAGE


def test_each_point_has_a_dot_that_tells_its_figures() -> None:
    dots = re.findall(r"<circle [^>]*><title>([^<]*)</title>", PAGE)
    assert len(dots) == 8
    assert "allkeys-lru, 4 MB: 85.6 %" in dots


def test_the_memory_to_take_is_marked_once_in_the_pictures_and_once_in_the_table() -> None:
    assert PAGE.count(">take 4 MB<") == 1
    assert PAGE.count('<tr class="chosen">') == 1


def test_pictures_stay_inside_their_frames() -> None:
    for x, y in re.findall(r'<(?:circle|text) c?x="(-?[\d.]+)" c?y="(-?[\d.]+)"', PAGE):
        assert 0 <= float(x) <= 1096
        assert 0 <= float(y) <= 330


def test_the_axis_begins_below_the_lowest_hit_ratio_and_ends_at_all() -> None:
    labels = [float(label) for label in re.findall(r">(\d+) %</text>", PAGE)]
    assert labels == [50, 60, 70, 80, 90, 100] * 2


def test_words_of_a_note_are_escaped() -> None:
    assert "a &lt;note&gt; &amp; more" in PAGE
    assert "<note>" not in PAGE


def test_the_check_is_on_the_page_only_when_there_was_one() -> None:
    assert "redis-server 7.0.15" in PAGE
    assert "redis-server" not in render_cache_html(made_up())


def test_one_memory_alone_can_be_drawn() -> None:
    advice = made_up()
    alone = tuple(point for point in advice.points if point.maxmemory_bytes == advice.choice.point.maxmemory_bytes)
    page = render_cache_html(type(advice)(advice.facts, advice.ceilings, alone, advice.choice, ()))
    assert outline(page).tags.count("circle") == 4
