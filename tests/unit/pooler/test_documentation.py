"""The page on the container names what the code reads."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "pooler-image.md").read_text()
SOURCES = "\n".join(path.read_text() for path in (ROOT / "src" / "candlefish" / "pooler").glob("*.py"))
READ = re.compile(
    r'(?:text|number|one_of|host)\("([A-Z][A-Z_]+)"|env\.get\("([A-Z][A-Z_]+)"|"(AWS_[A-Z_]+|TLS_[A-Z_]+)"'
)
NAMES = sorted({name for found in READ.findall(SOURCES) for name in found if name} - {"AWSCURRENT"})
PREFIXES = sorted(set(re.findall(r'reader\.login\("([A-Z]+)"', SOURCES)))


def test_there_is_something_to_look_for() -> None:
    assert {"DB_HOST", "DRAIN_S", "AWS_TLS_SECRET_NAME", "ANNOUNCE_S", "RUN_DIR", "TLS_PRIVATE_KEY"} <= set(NAMES)
    assert PREFIXES == ["ADMIN", "DB", "MONITOR"]


@pytest.mark.parametrize(
    "name", [*NAMES, *(f"{prefix}_{end}" for prefix in PREFIXES for end in ("USERNAME", "PASSWORD", "PASSWORD_FILE"))]
)
def test_every_variable_is_documented(name: str) -> None:
    table = PAGE.split("## Variables")[1].split("## Start")[0]
    assert f"`{name}`" in table
