"""A spec written as text, and what the loader says of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from candlefish.errors import SpecError
from candlefish.spec import Spec, load

Load = Callable[..., Spec]
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load a text as candlefish.toml."""

    def load_text(text: str, overrides: Mapping[str, object] | None = None) -> Spec:
        file = tmp_path / "candlefish.toml"
        file.write_text(text)
        return load(file, overrides)

    return load_text


@pytest.fixture
def problems_of(load_text: Load, tmp_path: Path) -> Problems:
    """Give the problems of a text, each without the folder of its file."""

    def problems_of(text: str, overrides: Mapping[str, object] | None = None) -> tuple[str, ...]:
        with pytest.raises(SpecError) as caught:
            load_text(text, overrides)
        assert caught.value.exit_code == 2
        return tuple(problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems)

    return problems_of
