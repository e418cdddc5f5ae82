"""The wheel in which the AWS provider's schema comes: where `tools/proof.sh` puts it, and what it holds."""

import re
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROOF = Path(sys.prefix) / "proof"
"""What the proof needs beside the packages of .venv; `tools/proof.sh` fills it."""

WHEEL = PROOF / "aws-provider"
"""The folder of the one file that is needed of the wheel."""

SOURCE_MAP = b"//# sourceMappingURL="
"""Half of each file, and of no use here."""

MODULE = re.compile(r"package/lib/([\w-]+)/index\.js")
PROVIDER_VERSION = re.compile(rb"providers/hashicorp/aws/([\d.]+)/docs")


class NoWheel(Exception):
    """The wheel is not there."""


def is_there() -> bool:
    """Say whether `tools/proof.sh` has been run."""
    return any(WHEEL.glob("provider-aws@*.jsii.tgz"))


@cache
def archive() -> Path:
    """Find the archive of generated classes, which CDK Terrain makes from the provider's own schema."""
    found = sorted(WHEEL.glob("provider-aws@*.jsii.tgz"))
    if len(found) != 1:
        raise NoWheel(f"{len(found)} archives of the AWS provider's schema in {WHEEL}: run tools/proof.sh")
    return found[0]


def wheel_version() -> str:
    """Give the version of the wheel, which names what was made from it."""
    return archive().name.removeprefix("provider-aws@").removesuffix(".jsii.tgz")


def modules(wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give name and text of the wanted modules: one pass over the archive, some two seconds however many are wanted."""
    missing = set(wanted)
    with tarfile.open(archive(), mode="r|gz") as packed:
        for member in packed:
            name = MODULE.fullmatch(member.name)
            if name is None or name[1] not in missing:
                continue
            file = packed.extractfile(member)
            assert file is not None
            yield name[1], file.read().partition(SOURCE_MAP)[0].decode()
            missing.remove(name[1])
            if not missing:
                return


@cache
def provider_version() -> str:
    """Give the version of the AWS provider whose schema the wheel holds."""
    ((_, text),) = modules(frozenset({"provider"}))
    found = PROVIDER_VERSION.search(text.encode())
    assert found is not None
    return found[1].decode()
