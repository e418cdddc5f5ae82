import pytest

from candlefish.bench.trivial import SELECT_ONE
from candlefish.bench.worker import load_operations
from candlefish.errors import UsageError


def test_a_workload_is_found_under_its_import_path() -> None:
    assert load_operations("candlefish.bench.trivial:SELECT_ONE", {}) == SELECT_ONE


@pytest.mark.parametrize(
    "path", ["no.such.module:X", "candlefish.bench.trivial:NO_SUCH", "candlefish.bench.trivial", ":X", ""]
)
def test_a_path_that_leads_to_no_workload_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="no workload under"):
        load_operations(path, {})
