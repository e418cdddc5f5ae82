import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.entry import HEADER_BYTES, JSON, MSGPACK, RAW, Header, make_stamp, read_header, split_side

headers = st.builds(
    Header,
    st.builds(int.__or__, st.sampled_from([MSGPACK, JSON, RAW]), st.integers(0, 7)),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 2**63),
    st.integers(0, 2**32 - 1),
)


@given(headers, st.binary(max_size=50))
def test_a_header_is_read_as_it_was_packed(header: Header, payload: bytes) -> None:
    packed = header.pack()
    assert len(packed) == HEADER_BYTES
    assert read_header(packed + payload) == header


@given(headers, st.binary(min_size=8, max_size=8), st.binary(max_size=50))
def test_a_side_entry_is_the_stamp_beside_which_it_stands_and_an_entry(
    header: Header, stamp: bytes, payload: bytes
) -> None:
    beside, own = split_side(stamp + header.pack() + payload)
    assert (beside, read_header(own)) == (stamp, header)


@pytest.mark.parametrize("raw", [b"", b"\x10", b"x" * 100, bytes([0x40]) + bytes(40), bytes([MSGPACK]) + bytes(31)])
def test_what_is_too_short_or_of_another_layout_is_no_entry(raw: bytes) -> None:
    assert read_header(raw) is None


def test_a_load_of_weeks_is_kept_as_the_longest_that_fits() -> None:
    assert read_header(Header(MSGPACK, b"form", b"epoch-8b", b"stampled", 0, 2**40).pack()) == Header(
        MSGPACK, b"form", b"epoch-8b", b"stampled", 0, 2**32 - 1
    )


def test_no_two_stamps_are_alike() -> None:
    assert len({make_stamp() for _ in range(1000)}) == 1000
