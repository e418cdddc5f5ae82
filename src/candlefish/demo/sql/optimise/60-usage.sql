-- How often each index was used on this server since its statistics were reset; a partitioned index counts once, with
-- all its leaves. Replicas count for themselves: add the servers up before an index is called unused.
\echo usage: index_usage_stats
create or replace view index_usage_stats as
select schemaname, tablename, indexname, idx_scan, idx_tup_read, idx_tup_fetch, index_size_bytes,
    case when idx_scan = 0 then 'UNUSED'
         when idx_scan < 50 then 'RARELY USED'
         when idx_scan < 1000 then 'OCCASIONALLY USED'
         else 'FREQUENTLY USED' end as usage_category
from (
    select n.nspname as schemaname, t.relname as tablename, c.relname as indexname,
        sum(s.idx_scan)::bigint as idx_scan, sum(s.idx_tup_read)::bigint as idx_tup_read,
        sum(s.idx_tup_fetch)::bigint as idx_tup_fetch, sum(pg_relation_size(s.indexrelid))::bigint as index_size_bytes
    from pg_stat_user_indexes s
    join pg_class leaf on leaf.oid = s.indexrelid
    join pg_class c on c.oid = case when leaf.relispartition then pg_partition_root(s.indexrelid) else s.indexrelid end
    join pg_index i on i.indexrelid = c.oid
    join pg_class t on t.oid = i.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    where not exists (select from pg_depend d  -- the tables of extensions are not ours to judge
                      where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e')
    group by 1, 2, 3
) counted;
comment on view index_usage_stats is 'Scans of each index on this server, leaves added up';
call candlefish_ops.grant_like('users', 'index_usage_stats');
