"""The list of parameters that wait for a restart is PostgreSQL's own."""

import subprocess

import pytest

from candlefish import process
from candlefish.plan.aws.static_parameters import STATIC
from candlefish.spec.postgres_settings import known_settings

pytestmark = pytest.mark.live


def test_the_plan_knows_every_setting_that_only_a_restart_changes() -> None:
    postgres = process.find_binary("postgres")
    shown = subprocess.run([postgres, "--describe-config"], capture_output=True, text=True, check=True).stdout
    contexts = {row[0]: row[1] for row in (line.split("\t") for line in shown.splitlines()) if len(row) > 1}
    assert {name for name in STATIC if contexts.get(name, "postmaster") != "postmaster"} == set()
    assert {
        name for name, context in contexts.items() if context == "postmaster" and name in known_settings()
    } <= STATIC
