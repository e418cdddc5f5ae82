"""The questions asked of the catalog: one for everything of a kind, never one for each table."""

from typing import Final, LiteralString

_OWN: Final[LiteralString] = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
"""Schemas of users: system, temporary and TOAST schemas begin with pg_."""

DATABASE: Final[LiteralString] = """
SELECT current_database(), current_setting('server_version_num')::int, pg_database_size(current_database()),
       datcollate IN ('C', 'POSIX'), current_schemas(false)
FROM pg_database WHERE datname = current_database()
"""

EXTENSIONS: Final[LiteralString] = "SELECT name, installed_version IS NOT NULL FROM pg_available_extensions"

TABLES: Final[LiteralString] = f"""
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, c.reltuples::float8,
       CASE WHEN c.relkind IN ('p', 'f') THEN 0 ELSE pg_relation_size(c.oid) END,
       p.inhparent::bigint, c.relrowsecurity,
       (SELECT option_value::int FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'),
       coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0),
       coalesce(s.last_analyze, s.last_autoanalyze) IS NOT NULL,
       k.partattrs::int2[]
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits p ON p.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
LEFT JOIN pg_partitioned_table k ON k.partrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND {_OWN}
"""

COLUMNS: Final[LiteralString] = f"""
SELECT a.attrelid::bigint, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod),
       coalesce(nullif(b.typname, ''), t.typname), a.attnotnull,
       CASE WHEN a.attcollation IN (0, t.typcollation) THEN '' ELSE l.collname END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'f') AND {_OWN}
ORDER BY a.attrelid, a.attnum
"""

STATISTICS: Final[LiteralString] = """
SELECT schemaname, tablename, attname, n_distinct::float8, null_frac::float8, avg_width,
       coalesce(correlation, 0)::float8, most_common_vals::text::text[], most_common_freqs::float8[],
       histogram_bounds::text::text[], inherited
FROM pg_stats
WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'
"""

INDEXES: Final[LiteralString] = f"""
SELECT i.indrelid::bigint, c.relname, n.nspname, c.oid::bigint, m.amname, i.indisunique, i.indisvalid AND i.indisready,
       i.indisreplident OR i.indisclustered, pg_get_indexdef(c.oid),
       CASE WHEN c.relkind = 'I' THEN 0 ELSE pg_relation_size(c.oid) END,
       coalesce(s.idx_scan, 0), coalesce(k.conname, ''), coalesce(h.relname, ''),
       coalesce(pg_get_expr(i.indpred, i.indrelid), ''), i.indnkeyatts, c.reloptions,
       ARRAY(SELECT pg_get_indexdef(c.oid, g, false) FROM generate_series(1, i.indnatts) AS g ORDER BY g),
       ARRAY(SELECT coalesce(a.attname, '') FROM generate_series(0, i.indnatts - 1) AS g
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[g] AND a.attnum > 0
             ORDER BY g),
       ARRAY(SELECT CASE WHEN o.opcdefault THEN '' ELSE o.opcname END FROM generate_series(0, i.indnkeyatts - 1) AS g
             JOIN pg_opclass o ON o.oid = i.indclass[g] ORDER BY g),
       ARRAY(SELECT CASE WHEN i.indcollation[g] = 0 OR i.indcollation[g] = coalesce(a.attcollation, 100) THEN ''
                    ELSE quote_ident(l.collname) END
             FROM generate_series(0, i.indnkeyatts - 1) AS g
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[g] AND a.attnum > 0
             LEFT JOIN pg_collation l ON l.oid = i.indcollation[g] ORDER BY g),
       i.indoption::int2[]
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class r ON r.oid = i.indrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits e ON e.inhrelid = c.oid
LEFT JOIN pg_class h ON h.oid = e.inhparent
WHERE r.relkind IN ('r', 'p', 'm') AND {_OWN}
ORDER BY c.relname
"""

PRIMARY_KEYS: Final[LiteralString] = """
SELECT conrelid::bigint, ARRAY(SELECT a.attname FROM unnest(conkey) WITH ORDINALITY AS k(number, at)
       JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number ORDER BY k.at)
FROM pg_constraint WHERE contype = 'p'
"""

FOREIGN_KEYS: Final[LiteralString] = """
SELECT conname, conrelid::bigint, confrelid::bigint, confdeltype::text, confupdtype::text,
       ARRAY(SELECT a.attname FROM unnest(conkey) WITH ORDINALITY AS k(number, at)
             JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number ORDER BY k.at),
       ARRAY(SELECT a.attname FROM unnest(confkey) WITH ORDINALITY AS k(number, at)
             JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.number ORDER BY k.at)
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
ORDER BY conname
"""
