import hashlib

from candlefish.demo.keys import ROWS_AT_SCALE_1, SMALLEST_TABLE, email, key, rows


def test_a_key_is_the_md5_of_table_and_number() -> None:
    assert key("dashboards", 7).hex == hashlib.md5(b"dashboards:7").hexdigest()


def test_keys_of_different_tables_and_numbers_differ() -> None:
    keys = {key(table, number) for table in ROWS_AT_SCALE_1 for number in range(1, 100)}
    assert len(keys) == 99 * len(ROWS_AT_SCALE_1)


def test_scale_1_is_about_three_million_rows() -> None:
    assert 2_900_000 < sum(rows(table, 1) for table in ROWS_AT_SCALE_1) < 3_100_000


def test_rows_grow_with_the_scale_from_a_smallest_size_on() -> None:
    assert rows("metrics", 2) == 2 * rows("metrics", 1)
    assert rows("organizations", 0.001) == SMALLEST_TABLE


def test_every_user_has_an_address_of_their_own() -> None:
    assert email(1) != email(2)
