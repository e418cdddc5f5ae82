"""What is rendered as HCL is read back as the same value, and is laid out as people read it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlefish.terraform.hcl import WIDTH, quote, render_entries, render_value
from candlefish.terraform.value import Reasoned, Value

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**12), max_value=10**12)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9).map(lambda value: round(value, 6))
    | st.text(st.characters(codec="utf-8"), max_size=12)
    | st.sampled_from(["${a}", "%{if a}", "$${", "a\\", '"', "\n", "}", "{", "#", "//", "/*", "<<EOT"])
)
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True) | st.sampled_from(
    ["for", "null", "a b", "rds.force_ssl"]
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Any:
    """Parse one assignment to `x`, and turn what the parser gives into plain values."""
    return plain(hcl2.loads(f"x = {text}\n")["x"])


def plain(value: Any) -> Any:
    if isinstance(value, str):
        return (
            unquoted(value) if value.startswith('"') else {"null": None, "true": True, "false": False}.get(value, value)
        )
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {unquoted(name) if name.startswith('"') else name: plain(item) for name, item in value.items()}
    return value


def unquoted(text: str) -> str:
    # The escapes are JSON's, but for the long one.
    return str(json.loads(re.sub(r"\\U([0-9a-f]{8})", lambda found: json.dumps(chr(int(found[1], 16)))[1:-1], text)))


@settings(max_examples=40)
@given(VALUES)
def test_a_value_is_read_back_as_it_was(value: Any) -> None:
    assert read(render_value(value)) == value


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_is_a_template_or_leaves_its_quotes(text: str) -> None:
    quoted = quote(text)
    assert "${" not in quoted
    assert "%{" not in quoted
    assert not re.search(r'(?<!\\)(\\\\)*"', quoted[1:-1])
    assert "\n" not in quoted


@settings(max_examples=40)
@given(st.dictionaries(NAMES, SCALARS | SCALARS.map(lambda value: Reasoned(value, "because\nof # this")), min_size=1))
def test_a_reason_never_becomes_a_value(entries: Mapping[str, Any]) -> None:
    text = render_entries([Value("x", entries, "a reason\nof two lines")])
    expected = {name: value.value if isinstance(value, Reasoned) else value for name, value in entries.items()}
    assert read(text.partition("x = ")[2]) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        render_value(value)


def test_neighbours_stand_below_each_other() -> None:
    text = render_entries([Value("a", 1, "one"), Value("longer", "two", "the second")])
    assert text == 'a      = 1     # one\nlonger = "two" # the second\n'


def test_what_takes_several_lines_stands_apart() -> None:
    text = render_entries(
        [Value("a", 1, "one"), Value("b", {"c": Reasoned(2, "two")}, "a map"), Value("d", 3, "three")]
    )
    assert text == "a = 1 # one\n\n# a map\nb = {\n  c = 2 # two\n}\n\nd = 3 # three\n"


def test_a_long_reason_stands_above_its_value() -> None:
    reason = "x" * WIDTH
    assert render_entries([Value("a", 1, reason)]) == f"# {reason}\na = 1\n"


def test_a_long_list_has_a_line_for_each_item() -> None:
    items = ["y" * 50] * 3
    assert render_value(items).count("\n") == 4
    assert "\n" not in render_value(items[:1])


def test_names_that_are_no_words_of_hcl_are_quoted() -> None:
    text = render_value({"rds.force_ssl": "1", "for": 1, "cost-centre": 2})
    assert '"rds.force_ssl" = "1"' in text
    assert '"for"' in text
    assert re.search(r"^  cost-centre +=", text, re.MULTILINE)
