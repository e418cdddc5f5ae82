import pytest

from candlefish.bench.cpu import name_script


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python3", "/usr/bin/patroni", "patroni.yml"], "patroni"),
        (["python3", "-I", "-m", "candlefish.engines.follow", "state"], "candlefish.engines.follow"),
        (["python3", "-c", "import this"], ""),
        (["python3"], ""),
    ],
)
def test_a_python_process_is_known_by_what_it_runs(command: list[str], name: str) -> None:
    assert name_script(command) == name
