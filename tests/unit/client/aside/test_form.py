import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.codec import find_codec
from candlefish.client.aside.entry import COMPRESSED, HEADER_BYTES, NONE, TIMED, read_header
from candlefish.client.aside.form import MISSING, Form, Unreadable
from candlefish.client.aside.freshness import Times
from candlefish.errors import UsageError

STAMP, EPOCH = b"stampled", b"epoch-8b"
TIMES = Times(1, 1, timed=False)


@dataclass
class Widget:
    id: int


def make_form(shape: Any = Any, codec: str = "msgpack", compress_from_bytes: int | None = None) -> Form:
    return Form(shape, find_codec(codec), compress_from_bytes, (EPOCH,))


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(plain_values, st.sampled_from(["msgpack", "json"]), st.sampled_from([None, 0, 20]))
def test_what_was_sealed_is_opened_as_it_was(value: Any, codec: str, compress_from_bytes: int | None) -> None:
    form = make_form(codec=codec, compress_from_bytes=compress_from_bytes)
    sent = json.loads(json.dumps(value)) if codec == "json" else value
    assert form.open(form.seal(sent, STAMP, EPOCH, TIMES)) == sent


def test_an_ordinary_entry_is_read_without_a_look_at_its_header() -> None:
    form = make_form(Widget)
    assert form.read(form.seal(Widget(1), STAMP, EPOCH, TIMES)) == Widget(1)


def test_an_entry_of_another_epoch_is_not_read_until_that_is_one_of_those_now() -> None:
    form = make_form(Widget)
    raw = form.seal(Widget(1), STAMP, b"epoch-7b", TIMES)
    assert form.read(raw) is MISSING
    form.renew((EPOCH, b"epoch-7b"))
    assert form.read(raw) == form.read(form.seal(Widget(1), STAMP, EPOCH, TIMES)) == Widget(1)
    form.renew(())
    assert form.read(raw) is MISSING


@pytest.mark.parametrize("raw", [None, b"", b"anything else"])
def test_what_is_no_ordinary_entry_is_missing(raw: bytes | None) -> None:
    assert make_form().read(raw) is MISSING


def test_an_entry_of_another_type_or_codec_or_with_a_flag_is_missing_at_first_sight() -> None:
    form = make_form(Widget)
    others = [
        make_form(int).seal(1, STAMP, EPOCH, TIMES),
        make_form(Widget, "json").seal(Widget(1), STAMP, EPOCH, TIMES),
        form.seal(None, STAMP, EPOCH, TIMES),
        form.seal(Widget(1), STAMP, EPOCH, TIMES._replace(timed=True)),
        make_form(Widget, compress_from_bytes=0).seal(Widget(1), STAMP, EPOCH, TIMES)[:HEADER_BYTES] + b"\xc1",
    ]
    assert [form.read(raw) for raw in others] == [MISSING] * len(others)


def test_flags_say_what_an_entry_is() -> None:
    form = make_form(compress_from_bytes=100)
    flags = [
        read.flags & 0xF
        for value, timed in [(1, False), (None, False), ("a" * 200, False), ("a" * 200, True), (None, True)]
        if (read := read_header(form.seal(value, STAMP, EPOCH, TIMES._replace(timed=timed))))
    ]
    assert flags == [0, NONE, COMPRESSED, COMPRESSED | TIMED, NONE | TIMED]


def test_what_compression_makes_no_smaller_stays_as_it_is() -> None:
    form = make_form(bytes, "raw", compress_from_bytes=0)
    raw = form.seal(b"\x00\xff", STAMP, EPOCH, TIMES)
    assert raw.endswith(b"\x00\xff")
    assert form.open(raw) == b"\x00\xff"


def test_none_is_kept_for_every_type() -> None:
    for form in (make_form(Widget), make_form(bytes, "raw"), make_form(int, "json")):
        assert form.open(form.seal(None, STAMP, EPOCH, TIMES)) is None


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x81\xa2id\xa1x"])
def test_a_payload_of_something_else_is_unreadable(payload: bytes) -> None:
    form = make_form(Widget)
    with pytest.raises(Unreadable):
        form.open(form.seal(Widget(1), STAMP, EPOCH, TIMES)[:HEADER_BYTES] + payload)


def test_a_compressed_payload_that_is_cut_is_unreadable() -> None:
    form = make_form(compress_from_bytes=0)
    with pytest.raises(Unreadable):
        form.open(form.seal("a" * 1000, STAMP, EPOCH, TIMES)[:-3])


@pytest.mark.parametrize(
    ("value", "named"), [(object(), "object"), ({"a": [object()]}, "object"), (2**70, "int"), ("\ud800", "str")]
)
def test_what_cannot_be_kept_is_refused_by_its_type(value: object, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        make_form().seal(value, STAMP, EPOCH, TIMES)


def test_what_would_not_come_back_as_its_type_is_refused() -> None:
    with pytest.raises(UsageError, match="dict does not come back as Widget"):
        make_form(Widget).seal({"name": "no widget"}, STAMP, EPOCH, TIMES)


@pytest.mark.parametrize(("shape", "codec"), [(object, "msgpack"), (Widget, "raw")])
def test_a_type_that_cannot_be_read_back_is_refused(shape: Any, codec: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        make_form(shape, codec)
