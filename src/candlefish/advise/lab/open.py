"""Open the lab that was asked for: a server of its own with a copy, a copy that the user gives, or none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from candlefish.address import split_password
from candlefish.advise.abilities import Abilities
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.lab.copy import COPY_LIMIT_BYTES, Source, make_copy
from candlefish.advise.lab.given import given_lab
from candlefish.advise.lab.model import Lab
from candlefish.advise.lab.reach import reach_of
from candlefish.advise.lab.server import scratch_server
from candlefish.advise.lab.settings import read_collate, read_settings
from candlefish.advise.plans.explain import Connection
from candlefish.advise.row_security import RowSecurity
from candlefish.errors import BinaryMissing, EngineError

SCRATCH: Final = "scratch"
NO_LAB: Final = "none"


@dataclass(frozen=True, slots=True)
class Original:
    """The database that is advised: its address, the connection to it, what it consists of, what the role may do."""

    dsn: str
    connection: Connection
    catalog: Catalog
    abilities: Abilities
    security: RowSecurity


def open_lab(
    stack: ExitStack,
    original: Original,
    wanted: str,
    *,
    copy_limit_bytes: int = COPY_LIMIT_BYTES,
    on_step: Callable[[str], None] = lambda _: None,
) -> tuple[Lab | None, tuple[str, ...]]:
    """Return the lab, or None, and what is to be said of it; `stack` closes it.

    `wanted` is "scratch", "none" or the address of a copy. Raises UsageError where that copy can't be a lab.
    """
    if wanted == NO_LAB:
        return None, ("nothing was built or measured: --lab none",)
    if wanted != SCRATCH:
        lab = stack.enter_context(given_lab(wanted, original.connection, original.catalog, original.security.settings))
    elif original.catalog.tables and not reach_of(original.abilities, original.catalog).of(original.catalog).tables:
        role, grant = original.abilities.role, original.abilities.grant_to_read()
        return None, (f"nothing was built or measured: {role} may read no table, so there is nothing to copy: {grant}",)
    else:
        try:
            lab = stack.enter_context(_scratch_lab(original, copy_limit_bytes, on_step))
        except (BinaryMissing, EngineError) as error:
            return None, (f"nothing was built or measured: {error.message} ({error.detail or error.hint})",)
    return lab, tuple(_about(lab, original.catalog))


@contextmanager
def _scratch_lab(original: Original, limit_bytes: int, on_step: Callable[[str], None]) -> Iterator[Lab]:
    on_step("starting a server of its own to measure in")
    catalog, target = original.catalog, original.connection
    major = catalog.server_version // 10000
    with scratch_server(read_settings(target), collate=read_collate(target), major=major) as server:
        source = Source(*split_password(original.dsn), reach_of(original.abilities, catalog), original.security)
        yield make_copy(server, source, catalog, limit_bytes=limit_bytes, on_step=on_step)


def _about(lab: Lab, catalog: Catalog) -> Iterator[str]:
    """Give what makes a lab another place than the database."""
    own, real = lab.server_version // 10000, catalog.server_version // 10000
    if own != real:
        yield (
            f"measured on PostgreSQL {own}, the database runs {real}: plans can differ between versions"
            f" (install postgresql-{real}, or give a copy with --lab)"
        )
    if not lab.is_full and "hypopg" not in catalog.extensions:
        yield (
            "the database has no HypoPG, so the planner was asked about indexes in the lab, by the rows that are there:"
            " CREATE EXTENSION hypopg in the database has it count all of them"
        )
