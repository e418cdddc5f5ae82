import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.keys import name_lease, name_side
from candlefish.client.redis.slots import slot_of

FINGERPRINT = b"\x01\x02\xfe\xff"


@given(st.text(st.sampled_from("ab:{~-"), min_size=1) | st.from_regex(r"[a-z:]*\{[a-z]+\}[a-z{}:]*", fullmatch=True))
def test_a_lease_and_a_side_entry_live_in_the_slot_of_their_key(key: str) -> None:
    assert slot_of(name_lease(key)) == slot_of(name_side(key, FINGERPRINT)) == slot_of(key)


@pytest.mark.parametrize(
    ("key", "lease"),
    [("user:7", "{user:7}~lease"), ("{tenant}:7", "{tenant}:7~~lease"), ("a{b", "{a{b}~lease")],
)
def test_a_key_keeps_the_tag_that_it_has(key: str, lease: str) -> None:
    assert name_lease(key) == lease


def test_a_key_and_its_tag_alone_have_leases_of_their_own() -> None:
    assert name_lease("x") != name_lease("{x}")


def test_a_side_entry_is_named_by_its_form() -> None:
    assert name_side("user:7", FINGERPRINT) == "{user:7}~0102feff"
