"""The module's README: what it makes, the commands in their order, inputs and outputs as the module declares them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from candlefish.spec.model import Spec

CHECKED = "checked against the schema of AWS provider 6.69.1 by Terraform 1.11.4; it was not deployed"
"""What the tests do, and what they don't."""

_BLOCK = re.compile(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', re.DOTALL | re.MULTILINE)

_DESCRIPTION = re.compile(r'^  description\s*= "((?:[^"\\]|\\.)*)"$', re.MULTILINE)

_TYPE = re.compile(r"^  type\s*= (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable or an output as its block declares it; an output has no kind."""

    name: str
    kind: str
    description: str


def read_declared(text: str) -> tuple[Declared, ...]:
    """Return the variables or outputs of a file, in its order."""
    return tuple(_declared(match[1], match[2]) for match in _BLOCK.finditer(text))


def _declared(name: str, body: str) -> Declared:
    description, kind = _DESCRIPTION.search(body), _TYPE.search(body)
    words = description[1].replace('\\"', '"') if description else ""
    return Declared(name, kind[1].rstrip("({[ ") if kind else "", words)


def render_readme(spec: Spec, module: Mapping[str, str]) -> str:
    """Return README.md of a module whose other files are given."""
    return "\n".join(
        (
            *_head(spec),
            *_files(module),
            COMMANDS,
            "## Inputs\n",
            "Their values, each with its reason, are in [terraform.tfvars](terraform.tfvars).\n",
            *_table(("variable", "type", "what it is"), read_declared(module["variables.tf"])),
            "\n## Outputs\n",
            *_table(("output", "what it is"), read_declared(module["outputs.tf"])),
            "",
            NOT_COVERED.rstrip("\n"),
            "",
        )
    )


def _head(spec: Spec) -> Iterator[str]:
    yield f"# {spec.name} on AWS\n"
    yield (
        "The data tier that candlefish.toml declares: PostgreSQL on RDS, PgBouncer on ECS, the cache on ElastiCache,\n"
        f"their secrets, alarms and backups, in {spec.aws.region}. Written by `candlefish terraform`,\n{CHECKED}.\n"
    )
    yield DRAWING


DRAWING = """\
    application ── clients' security group
        │                         │
        ├─ 6432 ─ load balancer ─ PgBouncer (ECS) ─ 5432 ─ RDS primary ─ standby in another zone
        │                                              └─ RDS read replicas
        └─ 6379 ─ ElastiCache primary and replicas
"""


def _files(module: Mapping[str, str]) -> Iterator[str]:
    yield "## Files\n\n| file | what stands in it |\n|---|---|"
    for name, text in module.items():
        first = text.partition("\n")[0]
        if name.endswith(".tf") and name not in ("variables.tf", "outputs.tf") and first.startswith("# "):
            words = " ".join(_leading_comment(text)).split(". ")[0].rstrip(".:")
            yield f"| [{name}]({name}) | {words} |"
    yield ""


def _leading_comment(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if not line.startswith("# "):
            return
        yield line[2:]


COMMANDS = """\
## From here to a running tier

    terraform init
    terraform apply -target=aws_ecr_repository.pgbouncer   # the image has to be there before the service starts
    repository=$(terraform output -raw pgbouncer_repository_url)
    aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
    docker build --file image/Dockerfile --tag "$repository:1" PATH_OF_CANDLEFISH   # 1: pgbouncer_image_tag
    docker push "$repository:1"
    terraform apply
    eval "$(terraform output -raw bootstrap_command)"      # once: roles and extensions
    eval "$(candlefish env --from-terraform .)"            # what an application needs

A later change of candlefish.toml: `candlefish terraform .` here, then `terraform plan`. Before it is applied,

    terraform plan -out=tfplan && terraform show -json tfplan > plan.json
    candlefish terraform --check plan.json

holds the plan against what the provider's schema can't know. `terraform test` runs the checks in tests/; it plans
only, and needs credentials.

State belongs into a backend that is encrypted and locked; versions.tf has one in a comment. No secret is in it:
passwords are made by Secrets Manager and handed on write-only. Whoever plans may read the secrets of the administrator
and of the cache, because the plan looks at them without keeping them.
"""

NOT_COVERED = """\
## What this module does not do

- It was never applied to AWS by its authors: quotas, names that are taken and rules that only AWS's API knows show at
  the first apply.
- It makes no bucket for its own state, no DNS names and no certificates, and no account guard rails (CloudTrail,
  GuardDuty, Config).
- It moves no data: `candlefish load` brings a database in, over the clients' security group.
- A new major version of PostgreSQL is a change of yours: RDS takes only minor ones by itself.
"""


def _table(head: tuple[str, ...], rows: tuple[Declared, ...]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for row in rows:
        cells = (f"`{row.name}`", *([f"`{row.kind}`"] if row.kind else []), row.description.replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"
