"""What `candlefish setup` would run, and what it tells a person to run."""

from pathlib import Path

import pytest

from candlefish.engines.binaries import NEEDS
from candlefish.engines.build import Archive, make_compile, make_fetch, render_sources
from candlefish.engines.install import SCRIPT, SERVICES, how_to_install, packages_of

WORK = Path("/somewhere/.build")


def test_each_package_is_installed_once() -> None:
    packages = packages_of(NEEDS)
    assert len(packages) == len(set(packages)) < len(NEEDS)


def test_every_service_that_a_package_brings_is_disabled_by_the_script() -> None:
    script = SCRIPT.read_text()
    assert [service for service in SERVICES.values() if f":{service}" not in script] == []


def test_a_person_without_root_is_told_the_whole_command() -> None:
    told = how_to_install(("redis-server", "redis-tools"), "linux")
    assert "sudo apt-get install --no-install-recommends redis-server redis-tools" in told


def test_only_services_of_what_is_missing_are_to_be_disabled() -> None:
    told = how_to_install(("redis-server", "redis-tools"), "linux")
    assert "sudo systemctl disable --now redis-server" in told.splitlines()[-1]
    assert "postgresql" not in told


def test_no_service_is_to_be_disabled_where_none_comes() -> None:
    assert "systemctl" not in how_to_install(("postgresql-15-hypopg",), "linux")


def test_macos_is_told_homebrews_command() -> None:
    assert how_to_install(packages_of(NEEDS), "darwin").startswith("brew install postgresql@15 pgbouncer redis etcd")


@pytest.mark.parametrize("suite", ["trixie", "trixie-updates", "trixie-security"])
def test_the_source_package_comes_from_debian_13_with_its_updates(suite: str) -> None:
    suites = render_sources(Archive("mirror://main", "mirror://security")).split("Suites: ")[1:]
    assert suite in " ".join(line.splitlines()[0] for line in suites).split()


def test_a_machine_without_debians_security_archive_builds_from_the_main_one() -> None:
    sources = render_sources(Archive("mirror://main", ""))
    assert sources.count("Types: deb-src") == 1
    assert "security" not in sources


def test_only_packages_signed_by_debian_are_taken() -> None:
    sources = render_sources(Archive("mirror://main", "mirror://security"))
    assert sources.count("Signed-By: ") == sources.count("Types: deb-src") == 2


def test_the_machines_apt_is_neither_read_nor_written_while_fetching() -> None:
    for step in make_fetch(WORK):
        given = [word for word in step.argv if word.startswith("Dir::")]
        assert all(str(WORK) in word or word == "Dir::Etc::sourceparts=/dev/null" for word in given)
        assert {word.split("=")[0] for word in given} >= {"Dir::Etc::sourcelist", "Dir::State::lists", "Dir::Cache"}


def test_nothing_is_installed_outside_the_folder_of_the_build() -> None:
    install = make_compile(WORK, "pgbouncer.dsc", Path("/var/lib/candlefish/.engines/pgbouncer-1"))[-1]
    assert f"DESTDIR={WORK}/out" in install.argv
