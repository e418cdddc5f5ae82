import subprocess
import sys

import pytest

DOORS = {"prometheus": "prometheus_client", "opentelemetry": "opentelemetry"}


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_the_client_needs_none_of_them() -> None:
    names = set(DOORS.values())
    done = run(
        "import sys, candlefish\n"
        "for name in candlefish.__all__: getattr(candlefish, name)\n"
        f"print({names!r} & set(sys.modules))"
    )
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize("door", DOORS)
def test_a_missing_library_is_named_with_what_installs_it(door: str) -> None:
    done = run(f"import sys; sys.modules[{DOORS[door]!r}] = None; import candlefish.client.metrics.{door}")
    assert done.returncode != 0
    assert "candlefish.errors.UsageError" in done.stderr
    assert 'pip install "candlefish[metrics]"' in done.stderr


@pytest.mark.parametrize("door", DOORS)
def test_each_needs_its_own_library_only(door: str) -> None:
    other = next(library for name, library in DOORS.items() if name != door)
    done = run(f"import sys; sys.modules[{other!r}] = None; import candlefish.client.metrics.{door}")
    assert done.returncode == 0, done.stderr
