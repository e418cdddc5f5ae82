import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.units import parse_bytes, parse_seconds, render_bytes, render_ratio, render_seconds


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("0", 0), ("512", 512), ("1kB", 1024), ("1 MB", 1024**2), ("1.5GB", 1536 * 1024**2), ("2TiB", 2 * 1024**4)],
)
def test_sizes_are_read_with_their_unit(text: str, size_bytes: int) -> None:
    assert parse_bytes(text) == size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("5s", 5), ("5min", 300), (" 2 h ", 7200), ("30d", 2_592_000)]
)
def test_durations_are_read_with_their_unit(text: str, seconds: float) -> None:
    assert parse_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "five", "5 parsecs", "-1s", "1e3s", "nan", "5", "5 MB"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration: write a number and one of ms, s, min, h, d"):
        parse_seconds(text)


@pytest.mark.parametrize("text", ["", "big", "5min", "-1MB", "1e3", "inf"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no size: write a number and one of B, kB, MB, GB, TB"):
        parse_bytes(text)


@given(st.integers(min_value=0, max_value=2**60))
def test_a_printed_size_reads_back_as_nearly_the_same(size_bytes: int) -> None:
    assert parse_bytes(render_bytes(size_bytes)) == pytest.approx(size_bytes, rel=1e-3, abs=1)


@given(st.floats(min_value=0.001, max_value=1e7))
def test_a_printed_duration_reads_back_as_nearly_the_same(seconds: float) -> None:
    assert parse_seconds(render_seconds(seconds)) == pytest.approx(seconds, rel=1e-2)


def test_ratios_are_printed_as_percentages() -> None:
    assert [render_ratio(ratio) for ratio in (0.25, 0.001, 1)] == ["25 %", "0.1 %", "100 %"]
