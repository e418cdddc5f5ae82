-- The indexes of activity_logs and metrics, where the partitioning did not bring them along: on a plain table they are
-- built concurrently. A partitioned table takes no concurrent build: its index is made leaf by leaf, and each leaf's
-- is attached to the parent's.
\echo indexes: metrics, activity_logs
create or replace function candlefish_ops.index_statements(relation regclass, index_name text, definition text)
returns setof text language plpgsql stable as $$
declare
    partitioned boolean := (select relkind = 'p' from pg_class where oid = relation);
    present boolean := exists (select from pg_index i join pg_class c on c.oid = i.indexrelid
                               where i.indrelid = relation and c.relname = index_name and i.indisvalid);
    leaf record;
begin
    if present then
        return;
    elsif not partitioned then
        return next format('create index concurrently if not exists %I on %s %s', index_name, relation, definition);
        return;
    end if;
    return next format('create index if not exists %I on only %s %s', index_name, relation, definition);
    for leaf in
        select c.oid::regclass as name, n.nspname as schema, left(c.relname || replace(index_name, relation::text, ''), 63) as index
        from pg_inherits h join pg_class c on c.oid = h.inhrelid join pg_namespace n on n.oid = c.relnamespace
        where h.inhparent = relation
          and not exists (select from pg_inherits ih join pg_index i on i.indexrelid = ih.inhrelid
                          join pg_class p on p.oid = ih.inhparent and p.relname = index_name where i.indrelid = c.oid)
        order by c.relname
    loop
        return next format('create index concurrently if not exists %I on %s %s', leaf.index, leaf.name, definition);
        return next format('alter index %I attach partition %I.%I', index_name, leaf.schema, leaf.index);
    end loop;
end $$;

select statement from candlefish_ops.series_indexes() i, candlefish_ops.index_statements(i.relation::regclass, i.index_name, i.definition) statement
\gexec
select format('comment on index %I is %L', index_name, purpose) from candlefish_ops.series_indexes()
\gexec
