"""The roles of the database in the lab, as far as row-level security needs them for policies to hold there too."""

from psycopg import sql

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.explain import Connection
from candlefish.advise.row_security import RowSecurity


def make_roles(connection: Connection, security: RowSecurity) -> None:
    """Make the roles that policies and owners name; before the policies are restored, which refer to them."""
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    for role in security.roles.values():
        if role.name not in known:
            how = sql.SQL("BYPASSRLS" if role.bypasses else "NOBYPASSRLS")
            connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role.name), how))
    for role in security.roles.values():
        for other in role.member_of:
            if role.name not in known and not _is_member(connection, other, role.name):
                grant = sql.SQL("GRANT {} TO {}")
                connection.execute(grant.format(sql.Identifier(other), sql.Identifier(role.name)))


def give_tables(connection: Connection, security: RowSecurity, catalog: Catalog) -> None:
    """Give every role every right, as only policies matter here, and the tables with policies their owners."""
    if not security.roles:
        return
    roles = sql.SQL(", ").join(sql.Identifier(name) for name in security.roles)
    for schema in sorted({table.schema for table in catalog.tables}):
        place = sql.Identifier(schema)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(place, roles))
        for what in (sql.SQL("TABLES"), sql.SQL("SEQUENCES")):
            connection.execute(sql.SQL("GRANT ALL ON ALL {} IN SCHEMA {} TO {}").format(what, place, roles))
    for table, owner in security.owners.items():
        if table in catalog.tables:
            name = sql.Identifier(table.schema, table.name)
            connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(name, sql.Identifier(owner)))


def _is_member(connection: Connection, role: str, of: str) -> bool:
    """Tell whether a role has another's rights already: granted back, that would be a circle."""
    row = connection.execute("SELECT pg_has_role(%s::name, %s::name, 'MEMBER')", (role, of)).fetchone()
    return row == (True,)
