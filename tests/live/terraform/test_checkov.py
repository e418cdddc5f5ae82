"""checkov finds nothing wrong that is not skipped for a reason, and no skip has outlived what it was for."""

from pathlib import Path

import pytest
from tests.standin import checkov
from tests.standin.checkov import Failure, Skip

pytestmark = pytest.mark.live

SKIPS = checkov.read_skips()


@pytest.fixture(scope="module")
def failures(modules: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> list[Failure]:
    """Run checkov once on all modules."""
    folder = tmp_path_factory.mktemp("checkov")
    for name, module in modules.items():
        for path, text in module.items():
            if "/" not in path:
                file = Path(folder, name, path)
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
    passed, failed = checkov.run(folder)
    assert passed > 100
    return failed


def test_no_check_fails_without_a_reason(failures: list[Failure]) -> None:
    assert [str(one) for one in failures if not any(skip.covers(one) for skip in SKIPS)] == []


@pytest.mark.parametrize("skip", SKIPS, ids=lambda skip: f"{skip.check} {skip.resource}")
def test_a_skip_is_still_needed(skip: Skip, failures: list[Failure]) -> None:
    assert any(skip.covers(one) for one in failures)


def test_every_skip_has_a_reason_of_its_own() -> None:
    assert [skip for skip in SKIPS if len(skip.reason) < checkov.SHORTEST_REASON] == []
    assert len({(skip.check, skip.resource, skip.spec) for skip in SKIPS}) == len(SKIPS)


def test_checkov_finds_what_is_wrong(sample: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(sample["main.tf"])
    _, failed = checkov.run(tmp_path)
    assert "CKV_AWS_16" in {one.check for one in failed}  # the sample's database is not encrypted
