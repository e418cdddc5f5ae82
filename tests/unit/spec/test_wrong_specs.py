"""Each wrong spec gives one error: its line, its key, and what to write instead."""

from collections.abc import Callable

import pytest

from candlefish.spec import Spec

WRONG = {
    "an unknown key": ("nam = 'x'", 1, "nam", "unknown key; did you mean name?"),
    "an unknown key in a table": ("[redis]\nnode = 3", 2, "redis.node", "unknown key; did you mean nodes?"),
    "an unknown table": ("[postgre]\nnodes = 3", 1, "postgre", "unknown table; did you mean postgres?"),
    "an unknown key like no other": ("zzz = 1", 1, "zzz", "unknown key"),
    "a text for a number": ("[postgres]\nnodes = 'three'", 2, "postgres.nodes", "'three' is not a whole number"),
    "a fraction for a whole number": ("[postgres]\nnodes = 2.5", 2, "postgres.nodes", "2.5 is not a whole number"),
    "true for a number": ("[postgres]\nnodes = true", 2, "postgres.nodes", "True is not a whole number"),
    "a number for a text": ("name = 5", 1, "name", "5 is not a text"),
    "a number for true": ("light = 1", 1, "light", "1 is not true or false"),
    "a value for a table": ("postgres = 15", 1, "postgres", "15 is not a table"),
    "a date for a duration": ("[redis]\nslow_log = 2026-01-01", 2, "redis.slow_log", "is no duration"),
    "no nodes": ("[postgres]\nnodes = 0", 2, "postgres.nodes", "0 is too small: at least 1"),
    "too many Redis": ("[redis]\nnodes = 7", 2, "redis.nodes", "7 is too large: at most 6"),
    "a version that is not built for": ("[postgres]\nversion = 12", 2, "postgres.version", "one of 15"),
    "a duration without a unit": (
        "[postgres]\nstatement_timeout = 300", 2, "postgres.statement_timeout", 'has no unit: write "300s"',
    ),
    "a duration in an unknown unit": ("[redis]\ncache_ttl = '5 fortnights'", 2, "redis.cache_ttl", "one of ms, s, min"),
    "a size in a unit of time": ("[redis]\nmaxmemory = '5min'", 2, "redis.maxmemory", "one of B, kB, MB, GB, TB"),
    "a size without a unit": ("[redis]\nmaxmemory = '512'", 2, "redis.maxmemory", 'has no unit: write "512MB"'),
    "a size of no whole GB": ("[postgres]\nstorage_gb = '100MB'", 2, "postgres.storage_gb", "no whole number of GB"),
    "a negative duration": ("[redis]\ncache_ttl = '-5s'", 2, "redis.cache_ttl", "is no duration"),
    "no time to live": ("[redis]\ncache_ttl = '0s'", 2, "redis.cache_ttl", "less than 1 s"),
    "a choice that is none": ("[postgres]\nsynchronous = 'yes'", 2, "postgres.synchronous", 'one of "off", "on"'),
    "a tier name that is none": ("name = 'My Tier'", 1, "name", "is no tier name"),
    "a tier name with a loose end": ("name = 'shop-'", 1, "name", "single hyphens between them"),
    "a tier name with a gap": ("name = 'shop--eu'", 1, "name", "single hyphens between them"),
    "a tier name of one letter": ("name = 'a'", 1, "name", "at least 2 letters"),
    "a tier name that load balancers may not have": ("name = 'internal-shop'", 1, "name", 'beginning with "internal"'),
    "a tier name that is too long": (f"name = '{'a' * 33}'", 1, "name", "at most 32 letters"),
    "a region that is none": ("[aws]\nregion = 'Virginia'", 2, "aws.region", "is no AWS region"),
    "the name of PostgreSQL's own database": ("database = 'postgres'", 1, "database", "is PostgreSQL's own"),
    "the name of the pooler's console": ("database = 'pgbouncer'", 1, "database", "is the pooler's console"),
    "a database name in capitals": ("database = 'Shop'", 1, "database", "is no name"),
    "a database name like an endpoint's": ("database = 'shop_read_1'", 1, "database", "could be an endpoint of"),
    "a database name that endpoints would cut": (f"database = '{'a' * 54}'", 1, "database", "53 fit"),
    "ports among the outgoing ones": ("port_base = 40000", 1, "port_base", "40000 to 40050"),
    "ports that only root has": ("port_base = 80", 1, "port_base", "ports go from 1024 to 32767"),
    "a pooler port that only root has": ("[pgbouncer]\nport = 80", 2, "pgbouncer.port", "from 1024 to 32767"),
    "a pooler port that another program has": ("[pgbouncer]\nport = 7410", 2, "pgbouncer.port", "7400 to 7449"),
    "a pool that is larger than its database": (
        "[pgbouncer]\npool_size = 60\nmax_server_connections = 50", 2, "pgbouncer.pool_size", "does not fit into 50",
    ),
    "pools that are larger than the server": (
        "[postgres]\nmax_connections = 200\n[pgbouncer]\nmax_server_connections = 100", 4,
        "pgbouncer.max_server_connections", "at most 46, not 100",
    ),
    "fewer clients than servers": (
        "[pgbouncer]\npool_size = 25\nmax_client_connections = 20", 3, "pgbouncer.max_client_connections", "pool of 25",
    ),
    "clients that hardly wait": (
        "[pgbouncer]\nquery_wait_timeout = '10ms'", 2, "pgbouncer.query_wait_timeout", "less than 1 s",
    ),
    "strict commits with nobody to confirm them": (
        "[postgres]\nnodes = 1\nsynchronous = 'strict'", 3, "postgres.synchronous", "needs a second node",
    ),
    "strict commits that wait for nobody": (
        "[postgres]\nsynchronous = 'strict'\nsettings = { synchronous_commit = 'local' }", 3,
        "postgres.settings.synchronous_commit", "no write would wait",
    ),
    "strict commits without a standby on AWS": (
        "[postgres]\nsynchronous = 'strict'\nmulti_az = false", 3, "postgres.multi_az", "Multi-AZ standby",
    ),
    "a light tier of three nodes": ("light = true\n[redis]\nnodes = 3", 3, "redis.nodes", "contradict light = true"),
    "a cache hint below the buffers": (
        "[postgres]\nshared_buffers_ratio = 0.5\neffective_cache_size_ratio = 0.4", 3,
        "postgres.effective_cache_size_ratio", "less than shared_buffers_ratio",
    ),
    "buffers that leave nothing": (
        "[postgres]\nshared_buffers_ratio = 0.9", 2, "postgres.shared_buffers_ratio", "at most 0.8",
    ),
    "all of the machine's memory": ("[machine]\nmemory_ratio = 1.5", 2, "machine.memory_ratio", "at most 0.9"),
    "a cache that is larger than the tier": (
        "[redis]\nmaxmemory = '2GB'\n[machine]\nmemory = '4GB'", 2, "redis.maxmemory", "2 GB on each of 3 nodes",
    ),
    "slow queries that time out before": (
        "[postgres]\nstatement_timeout = '1s'\nslow_query = '2s'", 3, "postgres.slow_query", "no statement would ever",
    ),
    "encryption that is not built": ("[tls]\nenabled = true", 2, "tls.enabled", "not built yet"),
    "an instance class with a slip": (
        "[postgres]\ninstance_class = 'db.r6g.xlarg'", 2, "postgres.instance_class", "did you mean db.r6g.xlarge?",
    ),
    "a cache class for a database": (
        "[postgres]\nreplica_class = 'cache.r7g.large'", 2, "postgres.replica_class", 'begins with "db."',
    ),
    "a cache class that is none": ("[redis]\ninstance_class = 'cache.q9.big'", 2, "redis.instance_class", "no class"),
    "storage below the least": ("[postgres]\nstorage_gb = 10", 2, "postgres.storage_gb", "20 to 65536 GB"),
    "storage above the most": ("[postgres]\nstorage_gb = 70000", 2, "postgres.storage_gb", "20 to 65536 GB"),
    "IOPS that small gp3 does not sell": ("[postgres]\niops = 6000", 2, "postgres.iops", "below 400 GB"),
    "IOPS that large gp3 does not sell": (
        "[postgres]\nstorage_gb = 500\niops = 90000", 3, "postgres.iops", "from 12000 to 64000",
    ),
    "IOPS for gp2": ("[postgres]\nstorage_type = 'gp2'\niops = 6000", 3, "postgres.iops", "by its size"),
    "io1 without its IOPS": ("[postgres]\nstorage_type = 'io1'", 2, "postgres.storage_type", "needs postgres.iops"),
    "backups for longer than RDS keeps them": (
        "[postgres]\nbackup_retention_days = 36", 2, "postgres.backup_retention_days", "at most 35",
    ),
    "replicas without backups": (
        "[postgres]\nbackup_retention_days = 0", 2, "postgres.backup_retention_days", "at least 1",
    ),
    "a setting that PostgreSQL has not": (
        "[postgres.settings]\nwork_memm = '4MB'", 2, "postgres.settings.work_memm", "did you mean work_mem?",
    ),
    "a setting with a field of its own": (
        "[postgres.settings]\nmax_connections = 50", 2, "postgres.settings.max_connections", "set postgres.max_conn",
    ),
    "a setting that the tier depends on": (
        "[postgres.settings]\nwal_level = 'minimal'", 2, "postgres.settings.wal_level", "the tier depends on it",
    ),
    "libraries without those of the tier": (
        "[postgres.settings]\nshared_preload_libraries = 'auto_explain'", 2,
        "postgres.settings.shared_preload_libraries", "pg_stat_statements and pg_cron",
    ),
    "a setting in a unit of another kind": (
        "[postgres.settings]\nwork_mem = '5min'", 2, "postgres.settings.work_mem", "one of B, kB, MB, GB, TB",
    ),
    "a setting out of its bounds": (
        "[postgres.settings]\nwork_mem = '1kB'", 2, "postgres.settings.work_mem", "at least 64 kB",
    ),
    "a setting that is a list": (
        "[postgres.settings]\nwork_mem = [1]", 2, "postgres.settings.work_mem", "is no setting's value",
    ),
    "a region with a slip": ("[aws]\nregion = 'us-easst-1'", 2, "aws.region", "did you mean us-east-1?"),
    "a region of another partition": ("[aws]\nregion = 'cn-north-1'", 2, "aws.region", "no region that the module"),
    "a copy to a region with a slip": (
        "[aws]\nbackup_copy_region = 'us-wes-2'", 2, "aws.backup_copy_region", "did you mean us-west-2?",
    ),
    "a network that is none": ("[aws]\nvpc_cidr = '10.20.0.0'", 2, "aws.vpc_cidr", "from /16 to /22"),
    "a network with a slip": ("[aws]\nvpc_cidr = '10.20.0.300/16'", 2, "aws.vpc_cidr", "is no network"),
    "a network of the internet": ("[aws]\nvpc_cidr = '8.8.0.0/16'", 2, "aws.vpc_cidr", "no private network"),
    "a network that is too small": ("[aws]\nvpc_cidr = '10.0.0.0/24'", 2, "aws.vpc_cidr", "/24 is not possible"),
    "a VPC that is none": ("[aws]\nvpc_id = 'main'", 2, "aws.vpc_id", "is no VPC"),
    "a VPC without subnets": ("[aws]\nvpc_id = 'vpc-0a1b2c3d'", 2, "aws.private_subnet_ids", "0 for 2 zones"),
    "a VPC with one subnet": (
        "[aws]\nvpc_id = 'vpc-0a1b2c3d'\nprivate_subnet_ids = ['subnet-1', 'subnet-1']", 3,
        "aws.private_subnet_ids", "1 for 2 zones",
    ),
    "subnets without a VPC": (
        "[aws]\nprivate_subnet_ids = ['subnet-1', 'subnet-2']", 2, "aws.vpc_id", "not the VPC that they belong to",
    ),
    "a way to AWS that is no network": (
        "[aws]\nhttps_cidr_blocks = ['vpce']", 2, "aws.https_cidr_blocks", "'vpce' is no network",
    ),
    "autoscaling that ends before it begins": (
        "[aws]\npooler_tasks = 4\npooler_max_tasks = 3", 3, "aws.pooler_max_tasks", "less than pooler_tasks (4)",
    ),
    "more poolers than connections": (
        "[pgbouncer]\npool_size = 5\nmax_server_connections = 7", 3, "aws.pooler_max_tasks", "can't share 7",
    ),
    "more shards than AWS allows": ("[aws]\ncache_shards = 31", 2, "aws.cache_shards", "31 shards of 3 nodes are 93"),
    "a copy beside the original": (
        "[aws]\nbackup_copy_region = 'us-east-1'", 2, "aws.backup_copy_region", "belongs into another",
    ),
    "a copy of no backups": (
        "[postgres]\nread_replicas = 0\nbackup_retention_days = 0\n[aws]\nbackup_copy_region = 'us-west-2'", 5,
        "aws.backup_copy_region", "no backups to copy",
    ),
    "an alert to nobody": ("[aws]\nalert_email = 'oncall'", 2, "aws.alert_email", "is no e-mail address"),
    "a tag of AWS's own": ("[aws.tags]\n'aws:owner' = 'me'", 1, "aws.tags", "AWS keeps names"),
    "an estimate without lines": (
        "[[compare]]\nname = 'x'\nsource = 'y'", 1, "compare.lines", "is not there, and has no default",
    ),
    "an estimate in words": (
        "[[compare]]\nname = 'x'\nsource = 'y'\nlines = [{ name = 'a', usd = 'much' }]", 4, "compare.lines.usd",
        "'much' is not a number",
    ),
    "a service that is no name": ("[application]\nservices = ['A b']", 2, "application.services", "no name of"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_spec_gives_one_clear_error(
    problems_of: Callable[..., tuple[str, ...]], text: str, line: int, key: str, message: str
) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"candlefish.toml:{line}: {key}: ")
    assert message in problem


RIGHT = {
    "two Redis under three Sentinels": "[redis]\nnodes = 2",
    "a pooler port right after the tier's": "[pgbouncer]\nport = 7450",
    "large gp3 with IOPS": "[postgres]\nstorage_gb = 400\niops = 12000",
    "no backups and no replicas": "[postgres]\nread_replicas = 0\nbackup_retention_days = 0",
    "no statement timeout": "[postgres]\nstatement_timeout = '0s'",
    "fewer connections without pools of its own": "[postgres]\nmax_connections = 100",
    "a small server side without a pool of its own": "[pgbouncer]\nmax_server_connections = 10",
    "a setting with a unit": "[postgres.settings]\nwork_mem = '32MB'\nrandom_page_cost = 1.5\njit = true",
    "a setting of an extension": "[postgres.settings]\n'auto_explain.log_min_duration' = '1s'",
    "one more library": "[postgres.settings]\nshared_preload_libraries = 'pg_stat_statements, pg_cron, auto_explain'",
    "no statement is slow": "[postgres.settings]\nlog_temp_files = -1",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_what_can_be_built_is_accepted(load_text: Callable[..., Spec], text: str) -> None:
    load_text(text)
