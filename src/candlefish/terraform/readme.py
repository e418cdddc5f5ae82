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
            *_commands(spec),
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


PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
"""What Docker calls the architectures of Fargate."""


def _commands(spec: Spec) -> Iterator[str]:
    """Give the commands of the first apply; every image is pushed before the service that runs it is made."""
    region, wanted = spec.aws.region, spec.application.enabled
    build = f"docker build --platform {PLATFORMS[spec.aws.architecture]} --provenance=false --sbom=false"
    targets = " ".join(f"-target=aws_ecr_repository.{name}" for name in ("pgbouncer", "application")[: 1 + wanted])
    yield f"""\
## From here to a running tier

    terraform init
    terraform apply {targets}   # images have to be there before services start
    repository=$(terraform output -raw pgbouncer_repository_url)
    aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin "${{repository%%/*}}"
    {build} \\
      --file PATH_OF_CANDLEFISH/image/Dockerfile --tag "$repository:1" PATH_OF_CANDLEFISH   # 1: pgbouncer_image_tag
    docker push "$repository:1\""""
    if wanted:
        yield f"""\
    for service in {" ".join(spec.application.services)}; do
      repository=$(terraform output -json application_repository_urls | jq -r ".[\\"$service\\"]")
      {build} --tag "$repository:1" "PATH_OF_YOUR_APPLICATION/$service"
      docker push "$repository:1"   # 1: application_image_tags
    done"""
    yield COMMANDS


COMMANDS = """\
    terraform apply
    eval "$(terraform output -raw bootstrap_command)"      # roles and extensions; waits, and fails if the task does
    eval "$(candlefish env --from-terraform .)"            # what an application needs

The order matters. The service of PgBouncer starts with the apply, before the database has its roles: until
`bootstrap_command` has run, its log (`/ecs/NAME/pgbouncer`) has an error every ten seconds that says so, and no
client is served. Images are built for the architecture of the tasks, and without attestations, which ECR would count
as images.

A later change: edit candlefish.toml, run `candlefish terraform` with the path of this folder where that file is (or
with `--spec`), then `terraform plan` here. Values that candlefish.toml has not, such as another `pgbouncer_image_tag`,
belong into a file of yours, `overrides.auto.tfvars`, which Terraform reads after terraform.tfvars. Before an apply,

    terraform plan -out=tfplan && terraform show -json tfplan > plan.json
    candlefish terraform --check plan.json

holds the plan against what the provider's schema can't know. `terraform test` runs the checks in tests/; it plans
only, and needs credentials.

State belongs into a backend that is encrypted and locked; versions.tf has one in a comment. No secret is in it:
passwords are made by Secrets Manager and handed on write-only. Whoever plans or applies needs
`secretsmanager:GetSecretValue` on all four secrets and `kms:Decrypt` on the tier's key, and so can read them: the
provider reads the versions again in every plan, and the plan keeps none. Secrets are replaced by the rotation, not by
`secrets_version`: after that one nobody can log in until `bootstrap_command` has run again.

## To take it down

    terraform apply -var=deletion_protection=false         # the database, load balancers, buckets and repositories
    terraform destroy -var=deletion_protection=false

With `-var`, and not with `aws.deletion_protection = false` in candlefish.toml: that one means a tier of which nothing
is kept, neither a last snapshot nor secrets for a while. What stays after a destroy:

- The last snapshot of the database, `NAME-final`, for as long as nobody deletes it (where the cache is persistent, one
  of the same name of it), and RDS's automated backups until their retention ends; all are charged. A later destroy of
  a tier of this name is refused until the snapshot is copied under another name, or deleted.
- The key (and that of the copies in another region), for 30 days. **Without it snapshots and backups can't be read**:
  to keep them, `aws kms cancel-key-deletion` and `aws kms enable-key` within that time, or copy them under another key.
- The names of the four secrets, for 30 days: a new tier of this name can't have them until then. To free one,
  `aws secretsmanager delete-secret --secret-id NAME/app --force-delete-without-recovery`; to have it back,
  `aws secretsmanager restore-secret --secret-id NAME/app`, then `terraform import` it.
- A backup vault that holds snapshots: AWS refuses to delete it, and the destroy ends there, until its recovery points
  are deleted (`aws backup delete-recovery-point`) or the vault is taken out of the state (`terraform state rm`).
"""

NOT_COVERED = """\
## What this module does not do

- It was never applied to AWS by its authors: quotas, names that are taken and rules that only AWS's API knows show at
  the first apply.
- It makes no bucket for its own state, no DNS names and no certificates, and no account guard rails (CloudTrail,
  GuardDuty, Config).
- It moves no data: `candlefish load` brings a database in, over the clients' security group.
- A new major version of PostgreSQL: RDS takes only minor ones by itself, and this module asks for none. It needs a
  parameter group of the new family, `allow_major_version_upgrade` and `apply_immediately` for that one apply, logical
  slots dropped and prepared transactions ended before; replicas are upgraded with the primary, and both are away
  meanwhile. Try it on a restored snapshot first.
"""


def _table(head: tuple[str, ...], rows: tuple[Declared, ...]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for row in rows:
        cells = (f"`{row.name}`", *([f"`{row.kind}`"] if row.kind else []), row.description.replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"
