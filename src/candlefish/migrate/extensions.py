"""Which Debian package brings an extension that a dump needs and this machine lacks."""

import re

_DEBIAN = {
    "address_standardizer": "postgis-3",
    "debversion": "debversion",
    "first_last_agg": "first-last-agg",
    "hll": "hll",
    "hypopg": "hypopg",
    "ip4r": "ip4r",
    "jsquery": "jsquery",
    "mysql_fdw": "mysql-fdw",
    "ogr_fdw": "ogr-fdw",
    "orafce": "orafce",
    "periods": "periods",
    "pg_cron": "cron",
    "pg_partman": "partman",
    "pg_qualstats": "pg-qualstats",
    "pg_rational": "rational",
    "pg_repack": "repack",
    "pg_similarity": "similarity",
    "pg_sphere": "pgsphere",
    "pg_stat_kcache": "pg-stat-kcache",
    "pg_track_settings": "pg-track-settings",
    "pg_wait_sampling": "pg-wait-sampling",
    "pgaudit": "pgaudit",
    "pgfincore": "pgfincore",
    "pglogical": "pglogical",
    "pgmp": "pgmp",
    "pgpcre": "pgpcre",
    "pgq": "pgq3",
    "pgrouting": "pgrouting",
    "pgtap": "pgtap",
    "pldbgapi": "pldebugger",
    "pllua": "pllua",
    "plpgsql_check": "plpgsql-check",
    "plproxy": "plproxy",
    "plr": "plr",
    "plsh": "plsh",
    "pointcloud": "pointcloud",
    "postgis": "postgis-3",
    "postgis_raster": "postgis-3",
    "postgis_sfcgal": "postgis-3",
    "postgis_tiger_geocoder": "postgis-3",
    "postgis_topology": "postgis-3",
    "powa": "powa",
    "prefix": "prefix",
    "q3c": "q3c",
    "rdkit": "rdkit",
    "rum": "rum",
    "semver": "semver",
    "set_user": "set-user",
    "tablelog": "tablelog",
    "tdigest": "tdigest",
    "tds_fdw": "tds-fdw",
    "toastinfo": "toastinfo",
    "unit": "unit",
}
"""Extension -> what follows "postgresql-15-" in the name of Debian 12's package."""

_UPSTREAM = {
    "age": "age",
    "h3": "h3",
    "http": "http",
    "pg_hint_plan": "pg-hint-plan",
    "pg_ivm": "pg-ivm",
    "pg_squeeze": "squeeze",
    "timescaledb": "timescaledb",
    "vector": "pgvector",
}
"""The same for packages that only PostgreSQL's own Debian repository has."""

_LANGUAGE = re.compile(r"^pl(perl|python3|tcl)u?$")
_CLOUD = re.compile(r"^(aws_|rds_|apg_|google_|azure|aiven_|supabase|alloydb|neon)")
_ROLE = re.compile(r'role "([^"]+)" does not exist')
_MISSING = re.compile(r'extension "([^"]+)" is not available|extension control file "[^"]*/([^/"]+)\.control"')


def missing_extension(message: str) -> str | None:
    """Return the extension that an error message misses, or None when it is about something else."""
    match = _MISSING.search(message)
    return (match[1] or match[2]) if match else None


def install_hint(extension: str, *, major: int = 15) -> str:
    """Say how to get an extension."""
    if _CLOUD.match(extension):
        return f"{extension} exists only at the cloud provider the dump came from: do without it"
    if language := _LANGUAGE.match(extension):
        return f"run `apt-get install postgresql-pl{language[1]}-{major}`, then load again"
    if extension in _DEBIAN:
        return f"run `apt-get install postgresql-{major}-{_DEBIAN[extension]}`, then load again"
    if extension in _UPSTREAM:
        package = f"postgresql-{major}-{_UPSTREAM[extension]}"
        return f"install {package} from PostgreSQL's own Debian repository, then load again"
    return f"find its package (`apt-cache search postgresql-{major} | grep -i {extension}`), then load again"


def role_hint(message: str) -> str:
    """Say what helps against an error message that misses a role; roles are never taken from a dump."""
    match = _ROLE.search(message)
    return f"make the role (`candlefish psql -c 'create role \"{match[1]}\"'`), then load again" if match else ""
