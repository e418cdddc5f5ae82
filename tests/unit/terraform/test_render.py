"""The rendered module is whole: every file has its variables, every number its reason, and nothing is left over."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest

from candlefish.spec import Spec
from candlefish.terraform import render_module
from candlefish.terraform.parts import PARTS
from candlefish.terraform.render import wanted_parts
from candlefish.terraform.value import Reasoned

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
APPLICATION = {"enabled": True, "domain": "api.example.com", "certificate_arn": ARN}
GATEWAY = {"enabled": True, "jwt_issuer": "https://id.example.com/", "jwt_audience": ["shop"]}
SPECS: dict[str, Mapping[str, Any]] = {
    "default": {},
    "small": {"postgres": {"read_replicas": 0, "multi_az": False}, "aws": {"deletion_protection": False}},
    "large": {"aws": {"cache_engine": "valkey", "cache_shards": 3, "zones": 3, "backup_copy_region": "us-west-2"}},
    "guest": {"aws": {"vpc_id": "vpc-0a1b2c3d", "private_subnet_ids": ["subnet-1", "subnet-2"]}},
    "public": {"application": APPLICATION},
    "assets": {"cdn": {"enabled": True}},
    "behind-cdn": {"application": APPLICATION, "cdn": {"enabled": True}},
    "everything": {"application": APPLICATION, "gateway": GATEWAY, "cdn": {"enabled": True}},
}
NAMED = (
    "versions.tf", "network.tf", "secrets.tf", "rds-postgresql.tf", "pgbouncer-ecs.tf", "elasticache-redis.tf",
    "backups.tf", "cloudwatch.tf", "variables.tf", "outputs.tf", "terraform.tfvars", "README.md",
)  # fmt: skip

Module = dict[str, str]


@pytest.fixture(params=SPECS)
def spec(request: pytest.FixtureRequest) -> Spec:
    return Spec.model_validate(SPECS[request.param])


@pytest.fixture
def module(spec: Spec) -> Module:
    return render_module(spec)


def declared(text: str, kind: str) -> list[str]:
    return re.findall(rf'^{kind} "(\w+)" {{$', text, re.MULTILINE)


def code(module: Module, *, without: str = "") -> str:
    """Return the HCL of a module without its comments."""
    text = "\n".join(text for name, text in module.items() if name.endswith(".tf") and name != without)
    return re.sub(r"(?m)(^|\s)#.*$", "", text)


def test_the_files_have_the_names_that_were_promised() -> None:
    assert set(NAMED) <= set(render_module(Spec()))


def test_every_file_of_the_package_belongs_to_a_part() -> None:
    source = files("candlefish.terraform") / "module"
    names = [entry.name for entry in source.iterdir() if entry.is_file()]
    names += [entry.name for entry in (source / "tests").iterdir()]
    known = {part.name for part in PARTS}
    assert {re.sub(r"(\.variables|\.outputs|\.tftest)?\.(tf|hcl)$", "", name) for name in names} == known


def test_every_variable_without_a_default_is_given_and_nothing_else(module: Module) -> None:
    blocks = re.findall(r'^variable "(\w+)" \{(.*?)^\}', module["variables.tf"], re.MULTILINE | re.DOTALL)
    required = {name for name, body in blocks if not re.search(r"^  default\s+=", body, re.MULTILINE)}
    given = set(re.findall(r"^(\w+)\s+=", module["terraform.tfvars"], re.MULTILINE))
    assert required <= given <= {name for name, _ in blocks}


def test_no_variable_is_left_unused(module: Module) -> None:
    text = code(module, without="variables.tf")
    assert [
        name for name in declared(module["variables.tf"], "variable") if not re.search(rf"\bvar\.{name}\b", text)
    ] == []


def test_no_local_value_and_no_data_source_is_left_unused(module: Module) -> None:
    text = code(module)
    for block in re.findall(r"^locals \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        for name in re.findall(r"^  (\w+)\s+=", block, re.MULTILINE):
            assert re.search(rf"\blocal\.{name}\b", text), name
    for kind, name in re.findall(r'^data "(\w+)" "(\w+)"', text, re.MULTILINE):
        assert f"data.{kind}.{name}" in text


def test_every_variable_says_what_it_is(module: Module) -> None:
    for kind, name in (("variable", "variables.tf"), ("output", "outputs.tf")):
        blocks = re.findall(rf'^{kind} "(\w+)" {{(.*?)^}}', module[name], re.MULTILINE | re.DOTALL)
        assert blocks
        for block, body in blocks:
            assert re.search(r'^  description\s+= "[^"].*\."$', body, re.MULTILINE), block
            assert kind == "output" or re.search(r"^  type\s+= ", body, re.MULTILINE), block


def test_no_variable_and_no_output_stands_there_twice(module: Module) -> None:
    for kind, name in (("variable", "variables.tf"), ("output", "outputs.tf")):
        names = declared(module[name], kind)
        assert len(names) == len(set(names))


def test_everything_that_is_named_is_declared(module: Module) -> None:
    text = code(module)
    there = {f"{kind}.{name}" for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)}
    named = set(re.findall(r"(?<![.\w])(aws_[a-z0-9_]+\.[a-z0-9_]+)", re.sub(r"(data|ephemeral)\.aws_", r"\1_", text)))
    assert named <= there


def test_nothing_stands_there_that_waits_for_its_text(module: Module) -> None:
    for name, text in module.items():
        assert text.endswith("\n"), name
        assert not re.search(r"TODO|FIXME|To be written", text), name


def reasons(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Reasoned):
        yield path, value.reason
        yield from reasons(value.value, path)
    elif isinstance(value, Mapping):
        for name, below in value.items():
            yield from reasons(below, f"{path}.{name}")


def test_every_value_has_a_reason(spec: Spec) -> None:
    for part in wanted_parts(spec):
        for value in part.values(spec):
            assert value.reason, value.name
            assert all(reason for _, reason in reasons(value.value, value.name)), value.name


NUMBER = re.compile(r"(?<![\w.\-%$\"{])-?\d+(\.\d+)?(?![\w.\"%])")
ARITHMETIC = ("0", "1", "2")
"""Of counts, indexes and splits: `count = ... ? 1 : 0`, the first of a list."""


def test_every_number_in_the_code_says_what_it_is() -> None:
    # A number is traced to a comment on its line or above its block of lines, or stands in a validation's text.
    for name, text in render_module(Spec.model_validate(SPECS["everything"])).items():
        if not name.endswith(".tf") or name in ("variables.tf", "outputs.tf"):
            continue
        lines = text.splitlines()
        for place, line in enumerate(lines):
            found = [n[0] for n in NUMBER.finditer(line.partition("#")[0]) if n[0] not in ARITHMETIC]
            if found and "#" not in line and not line.lstrip().startswith(("condition ", "error_message ")):
                above = next(
                    (b for b in reversed(lines[:place]) if b.lstrip().startswith("#") or not NUMBER.search(b)), ""
                )
                assert above.lstrip().startswith("#"), f"{name}: {line.strip()}"


def test_what_is_off_has_no_file() -> None:
    names = set(render_module(Spec()))
    assert not [name for name in names if re.search(r"application|gateway|cloudfront|buckets", name)]


@pytest.mark.parametrize(
    ("name", "origin"), [("assets", "assets"), ("behind-cdn", "application"), ("everything", "gateway")]
)
def test_behind_cloudfront_stands_one_thing(name: str, origin: str) -> None:
    names = set(render_module(Spec.model_validate(SPECS[name])))
    assert [other for other in names if other.startswith("cloudfront-to-")] == [f"cloudfront-to-{origin}.tf"]


def test_the_readme_lists_every_input_and_output(module: Module) -> None:
    for name in (*declared(module["variables.tf"], "variable"), *declared(module["outputs.tf"], "output")):
        assert f"| `{name}` |" in module["README.md"]


def test_the_readme_says_what_was_proved_and_what_was_not() -> None:
    readme = render_module(Spec())["README.md"]
    assert "checked against the schema of AWS provider 6.69.1 by Terraform 1.11.4" in readme
    assert "not deployed" in readme


def test_the_readme_names_only_files_that_are_there(module: Module) -> None:
    for name in re.findall(r"\]\(([\w./-]+)\)", module["README.md"]):
        assert name in module


def test_the_readme_pushes_every_image_for_the_tasks_before_the_apply_and_makes_the_roles_after_it() -> None:
    for architecture, platform in (("x86_64", "linux/amd64"), ("arm64", "linux/arm64")):
        given: dict[str, object] = {**SPECS["everything"], "aws": {"architecture": architecture}}
        spec = Spec.model_validate(given)
        readme = render_module(spec)["README.md"]
        steps = [
            "-target=aws_ecr_repository.pgbouncer -target=aws_ecr_repository.application",
            "PATH_OF_CANDLEFISH/image/Dockerfile",
            f"for service in {' '.join(spec.application.services)}; do",
            "    terraform apply\n",
            "output -raw bootstrap_command",
        ]
        places = [readme.index(step) for step in steps]
        assert places == sorted(places)
        builds = re.findall(r"docker build (.*?) (?:--tag|\\)", readme)
        assert builds == [f"--platform {platform} --provenance=false --sbom=false"] * 2
