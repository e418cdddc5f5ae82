import pytest

from candlefish.spec.postgres_settings import SettingValue, check_setting, in_base_unit, known_settings


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("work_mem", "4MB", 4096),
        ("work_mem", 4096, 4096),
        ("shared_buffers", "1GB", 131072),
        ("statement_timeout", "5min", 300_000),
        ("checkpoint_timeout", "15min", 900),
        ("max_wal_size", "2GB", 2048),
        ("track_activity_query_size", "4kB", 4096),
        ("random_page_cost", "1.1", 1.1),
        ("wal_retrieve_retry_interval", "500ms", 500),
    ],
)
def test_a_value_is_counted_in_the_unit_of_its_setting(name: str, value: SettingValue, expected: float) -> None:
    assert in_base_unit(name, value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jit", False),
        ("jit", "off"),
        ("wal_compression", "lz4"),
        ("wal_compression", True),
        ("max_slot_wal_keep_size", -1),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO, DMY"),
        ("someones.setting", "x"),
    ],
)
def test_a_possible_value_passes(name: str, value: SettingValue) -> None:
    assert check_setting(name, value) == ""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("jit", "maybe", "is not on or off"),
        ("jit", 7, "is not on or off"),
        ("wal_sync_method", "fdatasinc", "did you mean fdatasync?"),
        ("max_worker_processes", 2.5, "is not a whole number"),
        ("max_worker_processes", "2GB", "it has none"),
        ("max_worker_processes", True, "is not a number"),
        ("random_page_cost", -1, "at least 0"),
        ("autovacuum_naptime", "10", None),
        ("autovacuum_naptime", "100d", "too large"),
        ("work_mem", "lots", "is not a number with a unit"),
        ("work_mem", "4mb", "one of B, kB, MB, GB, TB"),
        ("hypothetical", "on", "PostgreSQL 15 has no such setting"),
    ],
)
def test_an_impossible_value_is_told_with_what_is_possible(name: str, value: SettingValue, message: str | None) -> None:
    found = check_setting(name, value)
    assert (message in found) if message else not found


def test_the_table_has_the_settings_of_a_whole_server() -> None:
    known = known_settings()
    assert len(known) > 300
    assert known["statement_timeout"].unit == "ms"
    assert known["timezone"].name == "TimeZone"
