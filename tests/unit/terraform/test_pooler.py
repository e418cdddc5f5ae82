import re
from importlib.resources import files

import pytest

from candlefish.plan.aws.pooler import make_pooler
from candlefish.spec import Spec
from candlefish.spec.model import PgBouncerSpec
from candlefish.spec.model_aws import AwsSpec
from candlefish.terraform.value import Reasoned
from candlefish.terraform.values.pooler import pooler_values
from candlefish.terraform.values.rotation import rotation_values

MODULE = files("candlefish.terraform") / "module"


def values(spec: Spec | None = None) -> dict[str, object]:
    return {value.name: value.value for value in pooler_values(spec or Spec())}


def declared(part: str) -> set[str]:
    """Return the part's variables that have no default."""
    text = MODULE.joinpath(f"{part}.variables.tf").read_text(encoding="utf-8")
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    return {name for name, body in blocks if not re.search(r"^  default ", body, re.MULTILINE)}


def test_every_variable_is_given_and_nothing_else() -> None:
    assert set(values()) == declared("pgbouncer-ecs")
    assert {value.name for value in rotation_values(Spec())} == declared("rotation")


def test_the_plan_is_handed_on_as_it_is() -> None:
    handed, pooler = values(), make_pooler(Spec())
    assert (handed["pgbouncer_tasks"], handed["pgbouncer_max_tasks"]) == (pooler.tasks, pooler.max_tasks)
    assert (handed["pgbouncer_cpu"], handed["pgbouncer_memory"]) == (512, 1024)
    assert handed["pgbouncer_deployment_max_percent"] == 100 * pooler.most_tasks // pooler.max_tasks
    settings = handed["pgbouncer_settings"]
    assert isinstance(settings, dict)
    assert {name: said.value for name, said in settings.items()} == {
        setting.name: setting.value for setting in pooler.settings
    }


def test_every_setting_has_a_reason_and_its_unit_before_it() -> None:
    settings = values()["pgbouncer_settings"]
    assert isinstance(settings, dict)
    assert all(isinstance(said, Reasoned) and said.reason for said in settings.values())
    assert settings["tcp_user_timeout"].reason.startswith("ms: ")


@pytest.mark.parametrize("value", [*pooler_values(Spec()), *rotation_values(Spec())], ids=lambda value: value.name)
def test_every_value_has_a_reason(value: object) -> None:
    assert getattr(value, "reason", "")


def test_port_and_processors_are_the_declared_ones() -> None:
    handed = values(Spec(pgbouncer=PgBouncerSpec(port=6543), aws=AwsSpec(architecture="arm64")))
    assert (handed["pgbouncer_port"], handed["architecture"]) == (6543, "arm64")


def test_no_secret_is_handed_to_a_container_in_clear() -> None:
    for name in ("pgbouncer-ecs.tf", "rotation.tf"):
        text = MODULE.joinpath(name).read_text(encoding="utf-8")
        environment = re.findall(r"^\s+([A-Z_]+)\s+= (.*)$", text, re.MULTILINE)
        assert environment
        assert not [key for key, _ in environment if "PASSWORD" in key or "TOKEN" in key]
        assert all(value.endswith((".arn", "_arn")) for key, value in environment if "SECRET" in key)
