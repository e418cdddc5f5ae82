"""The SQL of the lints' facts; each runs on PostgreSQL 13 to 18, on replicas too, with no right beyond connecting."""

from typing import Final, LiteralString

_OWN: Final[LiteralString] = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

STATISTICS: Final[LiteralString] = """
SELECT (extract(epoch FROM now() - greatest(d.stats_reset, b.stats_reset)) / 3600)::float8, pg_is_in_recovery()
FROM pg_stat_bgwriter b, pg_stat_database d WHERE d.datname = current_database()
"""
"""A crash discards the statistics without touching the database's own stats_reset; the background writer's tells of
it (pgstat.c, pgstat_reset_after_failure)."""

SCANS: Final[LiteralString] = "SELECT schemaname, indexrelname, coalesce(idx_scan, 0) FROM pg_stat_user_indexes"

READS: Final[LiteralString] = """
SELECT schemaname, relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables
"""

ATTACHED: Final[LiteralString] = """
SELECT count(*)::int FROM pg_stat_replication r
WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
  AND coalesce(r.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
"""

BUILDS: Final[LiteralString] = """
SELECT index_relid::bigint, relid::bigint FROM pg_stat_progress_create_index WHERE datname = current_database()
"""
"""Both are null for a role that may not see the session; the index is 0 before it exists."""

INDEX_KINDS: Final[LiteralString] = """
SELECT i.indexrelid::bigint, i.indisprimary, NOT i.indimmediate,
       EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conindid = i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND n.nspname !~ '^pg_'
"""

OF_EXTENSIONS: Final[LiteralString] = """
SELECT objid::bigint FROM pg_depend
WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e'
"""

UNREADABLE: Final[LiteralString] = f"""
SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND {_OWN} AND NOT has_any_column_privilege(c.oid, 'SELECT')
"""
"""pg_stats is empty for those, which says nothing about ANALYZE."""

KEEPS_TIMES: Final[LiteralString] = "SELECT current_setting('track_commit_timestamp')"

MADE: Final[LiteralString] = f"""
SELECT i.indexrelid::bigint, (extract(epoch FROM now() - pg_xact_commit_timestamp(i.xmin)) / 3600)::float8
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND i.xmin::text::bigint > 2
"""

HAS_JOURNAL: Final[LiteralString] = """
SELECT coalesce(has_schema_privilege('candlefish', 'USAGE')
                AND has_table_privilege(to_regclass('candlefish.advice_journal'), 'SELECT'), false)
FROM pg_namespace WHERE nspname = 'candlefish' UNION ALL SELECT false LIMIT 1
"""

JOURNAL: Final[LiteralString] = """
SELECT c.oid::bigint, min(extract(epoch FROM now() - j.ended_at) / 3600)::float8
FROM candlefish.advice_journal j
JOIN pg_namespace n ON n.nspname = j.index_schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = j.index_name AND c.relkind IN ('i', 'I')
WHERE j.state = 'built' AND j.ended_at IS NOT NULL GROUP BY c.oid
"""
"""What was built on advice has no scans yet: it must not be advised away the next day."""

SEQUENCES: Final[LiteralString] = """
WITH taker AS (
    SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number
    FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    UNION
    SELECT d.refobjid, a.adrelid, a.adnum
    FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
)
SELECT q.schemaname, q.sequencename, coalesce(tn.nspname, ''), coalesce(t.relname, ''), coalesce(a.attname, ''),
       q.last_value, q.min_value, q.max_value, q.increment_by, q.cycle,
       CASE coalesce(nullif(y.typbasetype, 0), y.oid)::bigint
           WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 WHEN 20 THEN 9223372036854775807 END
FROM pg_sequences q
JOIN pg_namespace n ON n.nspname = q.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = q.sequencename AND c.relkind = 'S'
LEFT JOIN taker k ON k.sequence = c.oid
LEFT JOIN pg_class t ON t.oid = k.relation
LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = k.relation AND a.attnum = k.number
LEFT JOIN pg_type y ON y.oid = a.atttypid
WHERE q.last_value IS NOT NULL AND q.schemaname !~ '^pg_'
ORDER BY 1, 2, 3, 4, 5
"""
"""A last value is null where nothing was drawn yet, and where the role may not see it."""

AGES: Final[LiteralString] = """
WITH setting AS (
    SELECT current_setting('autovacuum_freeze_max_age')::int AS xids,
           current_setting('autovacuum_multixact_freeze_max_age')::int AS multixacts
), option AS (
    SELECT c.oid, o.option_name, o.option_value::int FROM pg_class c, pg_options_to_table(c.reloptions) o
    WHERE o.option_name IN ('autovacuum_freeze_max_age', 'autovacuum_multixact_freeze_max_age')
)
(SELECT n.nspname || '.' || c.relname, greatest(age(c.relfrozenxid), age(t.relfrozenxid)),
        greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)),
        least(x.option_value, s.xids), least(m.option_value, s.multixacts), c.relpersistence = 't'
 FROM setting s, pg_class c
 JOIN pg_namespace n ON n.oid = c.relnamespace
 LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
 LEFT JOIN option x ON x.oid = c.oid AND x.option_name = 'autovacuum_freeze_max_age'
 LEFT JOIN option m ON m.oid = c.oid AND m.option_name = 'autovacuum_multixact_freeze_max_age'
 WHERE c.relkind IN ('r', 'm') AND (age(c.relfrozenxid) > s.xids OR mxid_age(c.relminmxid) > s.multixacts
        OR age(t.relfrozenxid) > s.xids OR mxid_age(t.relminmxid) > s.multixacts)
 ORDER BY 2 DESC LIMIT 50)
UNION ALL
(SELECT 'database ' || d.datname, age(d.datfrozenxid), mxid_age(d.datminmxid), s.xids, s.multixacts, false
 FROM setting s, pg_database d ORDER BY 2 DESC LIMIT 50)
"""
"""Tables beyond their limits, the oldest 50, and every database of the server: the oldest one stops them all."""

HOLDERS: Final[LiteralString] = """
SELECT words FROM (
    SELECT format('session %s of %s, in a transaction since %s', pid, usename, xact_start::timestamp(0)) AS words,
           age(backend_xmin) AS age
    FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
    UNION ALL
    SELECT format('prepared transaction %L of %s', gid, owner), age(transaction) FROM pg_prepared_xacts
    UNION ALL
    SELECT format('replication slot %I', slot_name), greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots
) AS held WHERE age > 10000000 ORDER BY age DESC LIMIT 3
"""
"""Ten million transactions: far more than any statement of an application sees, far less than what is dangerous."""
