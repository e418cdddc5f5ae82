"""Ask as another role, so that its row-level security is in the plan."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from candlefish.advise.plans.explain import Connection


@contextmanager
def acting(connection: Connection, role: str) -> Iterator[None]:
    """Be a role until the block ends, in a transaction that is rolled back; nothing for ""."""
    if not role:
        yield
        return
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        yield
