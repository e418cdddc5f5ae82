"""The schema of a database as pg_dump writes it, to compare what was before with what is afterwards."""

import subprocess

from psycopg.conninfo import conninfo_to_dict

from candlefish.advise.lab.server import ScratchServer

OURS = ("alembic_version", "django_*")


def dump_schema(server: ScratchServer, dsn: str) -> str:
    """Return the statements that make a database's schema, without the journal and the migrations' own tables."""
    database = str(conninfo_to_dict(dsn)["dbname"])
    words = [server.programs / "pg_dump", "--schema-only", "--exclude-schema=candlefish", "-h", server.folder]
    words += ["-U", "postgres", *(f"--exclude-table={name}" for name in OURS), database]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, timeout=60)
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("--", "\\restrict", "\\unrestrict")))
