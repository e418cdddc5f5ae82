"""The values that hits are checked against."""

import pytest

from harness.door import Door
from peers.entries import Entry, databases, fillers
from peers.values import product_of, text_of, to_json


@pytest.mark.parametrize("size", [100, 1000, 20_000])
def test_a_value_has_its_size_and_tells_its_key(size: int) -> None:
    assert len(text_of(12_345, size)) == len(to_json(product_of(12_345, size))) == size
    assert len({text_of(number, size) for number in range(1, 200)}) == 199


def test_a_url_says_all_that_a_client_has_to_know() -> None:
    door = Door("127.0.0.1", 14_400, "secret").into(3)
    assert door.url() == "redis://:secret@127.0.0.1:14400/3"
    assert Door("h", 1, "s", ca_file="/ca.pem").url() == "rediss://:s@h:1/0?ssl_ca_certs=/ca.pem"


def test_libraries_that_read_the_same_form_share_a_database_which_the_first_fills() -> None:
    plain, other, reader = Entry("a", "", "a", form="plain"), Entry("b", "", "b"), Entry("c", "", "c", form="plain")
    numbers = databases((plain, other, reader))
    assert numbers["a"] == numbers["c"] != numbers["b"]
    assert fillers((plain, other, reader), [reader]) == [plain]
    assert fillers((plain, other, reader), [reader, other, plain]) == [plain, other]
