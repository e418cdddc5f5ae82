-- activity_logs by month and metrics by week, converted while they are written to.
--
-- A trigger notes the key of every row that changes; the rows are copied into a partitioned twin, whose indexes are then
-- built by sorting; the noted keys are copied again until few are left. Only then is the table locked, for as long as
-- those few take, and the twin takes its name. Whoever waited for that lock goes on with the twin: PostgreSQL looks a
-- name up again after waiting. The primary key becomes (id, time), as a partitioned table's must hold its time.

-- Waits for a lock a fifth of a second at a time, so that those who queue behind it wait no longer than that.
create or replace procedure candlefish_ops.lock_briefly(relation regclass, mode text) language plpgsql as $$
begin
    perform set_config('lock_timeout', '200ms', true);
    for attempt in 1..300 loop
        begin
            execute format('lock table %s in %s mode', relation, mode);
            perform set_config('lock_timeout', '0', true);
            return;
        exception when lock_not_available or deadlock_detected then
            perform pg_sleep(0.05 + 0.2 * random());
        end;
    end loop;
    raise exception 'no % lock on % could be had within 100 s: a transaction holds it; end that and run this again', mode, relation;
end $$;

-- Why a table cannot be converted, or null.
create or replace function candlefish_ops.obstacle(relation regclass, control text) returns text language sql stable as $$
    select string_agg(reason, '; ') from (
        select 'the view ' || r.ev_class::regclass || ' reads it' as reason
        from pg_depend d join pg_rewrite r on r.oid = d.objid
        where d.classid = 'pg_rewrite'::regclass and d.refobjid = relation and r.ev_class <> relation
        union select 'it has the trigger ' || tgname from pg_trigger
        where tgrelid = relation and not tgisinternal and tgname not like 'candlefish\_capture%'
        union select 'the foreign key ' || conname || ' refers to it' from pg_constraint where confrelid = relation
        union select 'it has the foreign key ' || conname from pg_constraint where conrelid = relation and contype = 'f'
        union select 'its unique index ' || indexrelid::regclass || ' is not its primary key' from pg_index
        where indrelid = relation and indisunique and not indisprimary
        union select 'it has other tables below or above it' from pg_inherits where relation in (inhrelid, inhparent)
        union select 'its column ' || attname || ' is generated' from pg_attribute
        where attrelid = relation and (attgenerated <> '' or attidentity <> '') and not attisdropped
        union select 'it has row security' from pg_class where oid = relation and relrowsecurity
        union select 'its primary key is not one column' from pg_class c
        where c.oid = relation and not exists (select from pg_index where indrelid = c.oid and indisprimary and indnkeyatts = 1)
        union select 'it has no column ' || control || ' that is not null' from pg_class c
        where c.oid = relation and not exists (select from pg_attribute where attrelid = c.oid and attname = control and attnotnull)
    ) found
$$;

-- The partitions from the oldest row (at most 240 periods ago: what is older goes to the default one) to `ahead` of now,
-- with the names that this server's pg_partman gives.
create or replace function candlefish_ops.partitions(oldest timestamptz, every text, ahead integer)
returns table (suffix text, lower timestamptz, upper timestamptz) language sql stable as $$
    select 'p' || to_char(t, case when every = 'month' and v.major < 5 then 'YYYY_MM'
                                  when every = 'week' and v.major < 5 then 'IYYY"w"IW' else 'YYYYMMDD' end),
        t, t + ('1 ' || every)::interval
    from generate_series(greatest(date_trunc(every, oldest), date_trunc(every, now()) - 240 * ('1 ' || every)::interval),
                         date_trunc(every, now()) + ahead * ('1 ' || every)::interval,
                         ('1 ' || every)::interval) t,
        (select coalesce(max(split_part(coalesce(installed_version, default_version), '.', 1)::integer), 5) as major
         from pg_available_extensions where name = 'pg_partman') v
$$;

-- Hands a partitioned table over to pg_partman, where that is installed: partitions ahead, old ones detached. It makes
-- a default partition of its own, so ours steps aside and its rows, if any, go in again.
create or replace procedure candlefish_ops.hand_to_partman(relation text, control text, every text, ahead integer, keep text)
language plpgsql as $$
declare
    partman text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pg_partman');
    major integer := (select split_part(extversion, '.', 1)::integer from pg_extension where extname = 'pg_partman');
    parent text := current_schema() || '.' || relation;
begin
    if partman is null then
        return;
    end if;
    execute format('delete from %I.part_config where parent_table = %L', partman, parent);
    execute format('drop table if exists %I.%I', partman, 'template_' || current_schema() || '_' || relation);
    execute format('alter table %I detach partition %I', relation, relation || '_default');
    execute format('alter table %I rename to %I', relation || '_default', relation || '_aside');
    if major < 5 then
        execute format('select %I.create_parent(%L, %L, ''native'', %L, p_premake := %s)',
                       partman, parent, control, every || 'ly', ahead);
    else
        execute format('select %I.create_parent(%L, %L, %L, p_premake := %s)',
                       partman, parent, control, '1 ' || every, ahead);
    end if;
    execute format('insert into %I select * from %I', relation, relation || '_aside');
    execute format('drop table %I', relation || '_aside');
    execute format('update %I.part_config set infinite_time_partitions = true, retention = %L, retention_keep_table = true
                    where parent_table = %L', partman, keep, parent);
end $$;

-- Copies the rows again whose keys were noted, and returns how many keys that were.
create or replace function candlefish_ops.catch_up(source regclass, twin regclass, noted regclass, key text, at_most integer)
returns integer language plpgsql as $$
declare
    keys text;
    found_keys integer;
begin
    execute format('with taken as (delete from %1$s where ctid = any(array(select ctid from %1$s limit %2$s)) returning key)
                    select count(*), array_agg(distinct key)::text from taken', noted, at_most) into found_keys, keys;
    if found_keys > 0 then
        execute format('delete from %s where %I = any(%L)', twin, key, keys);
        execute format('insert into %s select * from %s where %I = any(%L)', twin, source, key, keys);
    end if;
    return found_keys;
end $$;

create or replace procedure candlefish_ops.partition_online(relation text, control text, every text, ahead integer, keep text)
language plpgsql as $$
declare
    source regclass := relation::regclass;
    twin text := relation || '_twin';
    noted text := 'candlefish_ops.' || relation || '_noted';
    trigger_function text := 'candlefish_ops.note_' || relation;
    key text;
    key_type text;
    obstacle text;
    oldest timestamptz;
    lowest timestamptz;
    highest timestamptz;
    part record;
    index record;
    left_over integer;
begin
    if (select relkind from pg_class where oid = source) = 'p' then
        return;
    end if;
    obstacle := candlefish_ops.obstacle(source, control);
    if obstacle is not null then
        raise warning '% stays one table: %', relation, obstacle;
        return;
    end if;
    select a.attname, format_type(a.atttypid, a.atttypmod) into key, key_type
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = source and i.indisprimary;

    -- 1. From here on every change is noted. What an interrupted run left behind is cleared first.
    call candlefish_ops.lock_briefly(source, 'access exclusive');
    execute format('drop trigger if exists candlefish_capture on %s; drop trigger if exists candlefish_capture_truncate on %s', source, source);
    execute format('drop table if exists %I; drop table if exists %s', twin, noted);
    execute format('create table %s (key %s)', noted, key_type);
    execute format($f$
        create or replace function %s() returns trigger language plpgsql security definer set search_path = pg_catalog as $t$
        begin
            if tg_op = 'TRUNCATE' then
                raise exception 'the table is being partitioned: truncate it afterwards';
            end if;
            if tg_op <> 'INSERT' then
                insert into %s values (old.%I);
            end if;
            if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.%4$I is distinct from old.%3$I) then
                insert into %2$s values (new.%3$I);
            end if;
            return null;
        end $t$ $f$, trigger_function, noted, key, key);
    execute format('create trigger candlefish_capture after insert or update or delete on %s for each row execute function %s()', source, trigger_function);
    execute format('create trigger candlefish_capture_truncate before truncate on %s for each statement execute function %s()', source, trigger_function);
    commit;

    -- 2. The twin and its partitions; pg_partman adds the last one when the table is handed over.
    execute format('select min(%I) from %s', control, source) into oldest;
    execute format('create table %I (like %s including defaults including constraints including storage including statistics including comments)
                    partition by range (%I)', twin, source, control);
    execute format('alter table %I owner to %I', twin, (select pg_get_userbyid(relowner) from pg_class where oid = source));
    call candlefish_ops.grant_like(source, twin::regclass);
    for part in select * from candlefish_ops.partitions(coalesce(oldest, now()), every, ahead - 1) loop
        execute format('create table %I partition of %I for values from (%L) to (%L)',
                       relation || '_' || part.suffix, twin, part.lower, part.upper);
    end loop;
    execute format('create table %I partition of %I default', relation || '_default', twin);
    select min(p.lower), max(p.upper) into lowest, highest
    from candlefish_ops.partitions(coalesce(oldest, now()), every, ahead - 1) p;
    commit;

    -- 3. The rows, one partition at a time.
    for part in select * from candlefish_ops.partitions(coalesce(oldest, now()), every, ahead - 1) loop
        execute format('insert into %I select * from %s where %I >= %L and %3$I < %5$L', relation || '_' || part.suffix,
                       source, control, part.lower, part.upper);
        commit;
    end loop;
    execute format('insert into %I select * from %s where %I < %L or %3$I >= %5$L', relation || '_default',
                   source, control, lowest, highest);
    commit;

    -- 4. Keys and indexes: those the table has, and those it shall have.
    execute format('alter table %I add constraint %I primary key (%I, %I)', twin, twin || '_pkey', key, control);
    for index in
        select c.relname as name, substring(pg_get_indexdef(i.indexrelid) from ' (USING .*)$') as definition,
            obj_description(c.oid, 'pg_class') as purpose
        from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = source and not i.indisprimary and i.indisvalid
        union all
        select s.index_name, s.definition, s.purpose from candlefish_ops.series_indexes() s
        where s.relation = partition_online.relation
          and not exists (select from pg_index i join pg_class c on c.oid = i.indexrelid
                          where i.indrelid = source and c.relname = s.index_name and i.indisvalid)
    loop
        execute format('create index %I on %I %s', 'twin_' || index.name, twin, index.definition);
        if index.purpose is not null then
            execute format('comment on index %I is %L', 'twin_' || index.name, index.purpose);
        end if;
        commit;
    end loop;
    execute format('analyze %I', twin);
    commit;

    -- 5. What changed meanwhile, until little is left.
    loop
        left_over := candlefish_ops.catch_up(source, twin::regclass, noted::regclass, key, 5000);
        commit;
        exit when left_over < 200;
    end loop;

    -- 6. The last of it under the lock, and the names change hands.
    call candlefish_ops.lock_briefly(source, 'access exclusive');
    loop
        exit when candlefish_ops.catch_up(source, twin::regclass, noted::regclass, key, 5000) = 0;
    end loop;
    execute format('drop trigger candlefish_capture on %s; drop trigger candlefish_capture_truncate on %s', source, source);
    for index in select c.relname as name, c.oid from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = source loop
        execute format('alter index %I rename to %I', index.name, left('former_' || index.name, 63));
    end loop;
    execute format('alter table %s rename to %I', source, relation || '_former');
    execute format('alter table %I rename to %I', twin, relation);
    execute format('alter index %I rename to %I', twin || '_pkey', relation || '_pkey');
    for index in
        select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = relation::regclass and c.relname like 'twin\_%'
    loop
        execute format('alter index %I rename to %I', index.name, substr(index.name, 6));
    end loop;
    begin
        call candlefish_ops.hand_to_partman(relation, control, every, ahead, keep);
    exception when others then
        raise warning 'pg_partman did not take % over (%): make its partitions by other means', relation, sqlerrm;
    end;
    commit;

    -- 7. The former table goes, once every row of it is seen to be in the new one.
    execute format('select count(*) from %I o where not exists (select from %I n where n.%I = o.%3$I and n.%4$I = o.%4$I)',
                   relation || '_former', relation, key, control) into left_over;
    if left_over > 0 then
        raise warning '% rows of %_former are not in % (deleted meanwhile?): it is kept for you to look at', left_over, relation, relation;
    else
        execute format('drop table %I', relation || '_former');
    end if;
    execute format('drop table %s; drop function %s()', noted, trigger_function);
    commit;
end $$;

\echo partitions: pg_partman
do $$
begin
    create schema if not exists partman;
    create extension if not exists pg_partman schema partman;
exception when others then
    raise warning 'pg_partman is not to be had here (%): make future partitions by other means', sqlerrm;
end $$;

\echo partitions: activity_logs by month
call candlefish_ops.partition_online('activity_logs', 'created_at', 'month', 4, '24 months');
\echo partitions: metrics by week
call candlefish_ops.partition_online('metrics', 'recorded_at', 'week', 4, '26 weeks');

\echo partitions: vacuum
vacuum activity_logs, metrics;  -- now, rather than by autovacuum in the minutes after

\echo partitions: schedule
do $$
begin
    create extension if not exists pg_cron;
exception when others then
    raise warning 'pg_cron is not to be had here (%): call partman.run_maintenance_proc() daily by other means', sqlerrm;
end $$;
select count(*) = 2 as has_both from pg_extension where extname in ('pg_cron', 'pg_partman') \gset
\if :has_both
select cron.schedule('candlefish partitions', '17 * * * *', 'call partman.run_maintenance_proc()') as job \gset
\endif
