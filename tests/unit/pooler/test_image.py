"""There is no Docker engine where this is tested: what the Dockerfile says is held against the code."""

import fnmatch
import json
import re
import tomllib
from pathlib import Path

import pytest

from candlefish.pooler.__main__ import _parse
from candlefish.pooler.environment import CA_FILE, read_folder
from candlefish.pooler.ini import OLDEST
from candlefish.process import PROGRAM_FOLDERS
from candlefish.spec.model import PGBOUNCER_PORT

ROOT = Path(__file__).resolve().parents[3]
TEXT = re.sub(r"\\\n\s*", "", (ROOT / "image" / "Dockerfile").read_text())
IGNORE = (ROOT / "image" / "Dockerfile.dockerignore").read_text().splitlines()
FINAL = TEXT.rpartition("\nFROM ")[2]


def words_of(instruction: str, text: str = FINAL) -> list[str]:
    return re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)


def copied() -> list[str]:
    lines = [line.split() for line in words_of("COPY", TEXT) if not line.startswith("--from")]
    return [source for *sources, _target in lines for source in sources]


def test_every_path_that_is_copied_exists_and_is_let_in() -> None:
    assert copied()
    let_in = [line[1:] for line in IGNORE if line.startswith("!")]
    assert sorted(let_in) == sorted(copied())
    assert [path for path in copied() if not (ROOT / path).exists()] == []


def test_everything_else_stays_outside() -> None:
    assert [line for line in IGNORE if line and line[0] not in "#!"] == ["*", "**/__pycache__"]
    assert fnmatch.fnmatch(".git/config", "*")


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "HEALTHCHECK"])
def test_the_program_knows_the_commands_of_the_image(instruction: str) -> None:
    (line,) = words_of(instruction)
    argv = json.loads(line[line.index("[") :])
    assert argv[:3] == ["python", "-m", "candlefish.pooler"]
    (default,) = words_of("CMD")
    command = argv[3:] or json.loads(default)
    assert _parse(command).command == ("health" if instruction == "HEALTHCHECK" else "run")


def test_port_folder_user_and_authorities_are_those_of_the_code() -> None:
    assert words_of("EXPOSE") == [str(PGBOUNCER_PORT)]
    assert words_of("VOLUME") == [str(read_folder({}))]
    assert words_of("USER") == ["10001:10001"]
    assert f"/out{CA_FILE}" in TEXT
    assert "useradd --uid 10001" in FINAL
    assert f"install -d --owner=10001 --group=10001 --mode=0700 {read_folder({})}" in FINAL


def test_pgbouncer_is_new_enough_and_where_the_program_looks() -> None:
    versions = set(re.findall(r"^ARG PGBOUNCER_VERSION=(\S+)$", TEXT, re.MULTILINE))
    (version,) = versions
    assert tuple(map(int, version.split("."))) >= (*OLDEST, 0)
    assert tuple(map(int, version.split("."))) >= (1, 26, 1), "older ones have CVE-2026-107350"
    assert Path("/usr/local/bin") in PROGRAM_FOLDERS
    assert "/out/usr/local/bin/pgbouncer" in TEXT


def test_the_source_archive_is_pinned_by_its_checksum() -> None:
    assert re.search(r"^ARG PGBOUNCER_SHA256=[0-9a-f]{64}$", TEXT, re.MULTILINE)
    assert 'echo "${PGBOUNCER_SHA256}  pgbouncer.tar.gz" | sha256sum --check --strict' in TEXT


def test_the_last_stage_has_neither_compiler_nor_pip_nor_secret() -> None:
    assert not re.search(r"\b(gcc|make|pip|libc6-dev)\b", FINAL)
    assert not re.search(r"(?i)password|token|secret(?!s and drains)", re.sub(r'"[^"]*"', "", FINAL))


def test_every_base_is_the_one_that_can_be_pinned_by_its_digest() -> None:
    assert {line.split()[0] for line in words_of("FROM", TEXT)} == {"${PYTHON_IMAGE}"}


def test_the_lock_has_every_package_of_the_extra_and_agrees_with_that_of_the_project() -> None:
    text = (ROOT / "image" / "requirements.lock").read_text()
    pins, all_pins = (
        set(re.findall(r"^([\w.-]+==\S+)", lock, re.MULTILINE))
        for lock in (text, (ROOT / "requirements.lock").read_text())
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = (*project["dependencies"], *project["optional-dependencies"]["pooler"])
    names = {re.split(r"[\[<>=]", line)[0] for line in wanted}
    assert names <= {pin.partition("==")[0] for pin in pins}
    assert pins <= all_pins
    assert re.findall(r"://|--index|--find-links|\bfile:", text) == []
    assert all("sha256:" in block for block in re.split(r"\n(?=[a-zA-Z])", text.strip()))
