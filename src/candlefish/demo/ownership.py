"""Makes sure that the demo only ever drops what the demo made."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from candlefish.demo.keys import ROWS_AT_SCALE_1
from candlefish.errors import UsageError

MARK = "holds the candlefish demo, which drops and reloads its tables"
"""The comment on a database that a demo has claimed."""

NAMED_AT_MOST = 8
"""Tables that an error names before it says how many more there are."""

_TABLES = """
select n.nspname, c.relname, coalesce(root.relname, c.relname)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class root on root.oid = pg_partition_root(c.oid)
where c.relkind in ('r', 'p', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2
"""

_COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"


def claim_database(admin_url: str) -> None:
    """Mark the database as the demo's; raise UsageError naming the tables that are somebody else's."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        comment = connection.execute(_COMMENT).fetchone()
        claimed = comment is not None and comment[0] == MARK
        tables = connection.execute(_TABLES).fetchall()
        foreign = [f"{schema}.{name}" for schema, name, root in tables if not (claimed and _is_ours(schema, root))]
        if foreign:
            raise UsageError(
                f"the database {connection.info.dbname} holds tables that the demo did not make",
                detail=_listed(foreign),
                hint="give the demo a tier of its own: `candlefish demo --name try --port-base 8400`",
            )
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(MARK)))


def _is_ours(schema: str, root: str) -> bool:
    """Tell whether a table, or the one it is a part of, is of the reference application.

    A detached partition keeps its table's name in front, and pg_partman's templates lie in its own schema.
    """
    if schema in ("partman", "cron", "demo_seed", "candlefish_ops"):
        return True
    return schema == "public" and any(root == table or root.startswith(f"{table}_") for table in ROWS_AT_SCALE_1)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
