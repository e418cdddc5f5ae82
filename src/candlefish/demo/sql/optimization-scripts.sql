-- The optimisation of the Candlefish platform's database, by hand. Run it with psql, as the owner of the tables:
--
--     psql -v ON_ERROR_STOP=1 -f optimization-scripts.sql postgresql://...
--
-- It works online: reads and writes go on, no lock is waited for longer than a fraction of a second while others queue
-- behind it. It may be run twice, or again after it was interrupted: what is there already stays as it is.
-- It needs no extension; pg_partman and pg_cron are used where the server has them.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset pager off

set statement_timeout = 0;            -- an index build or a refresh may take longer than a query may
set synchronous_commit = off;         -- safe: whoever writes after a step of this waits for the step as well
set lock_timeout = 0;                 -- set where a lock would hold others up; builds that block nobody may wait
set maintenance_work_mem = '256MB';   -- sorts an index of a million rows in memory
set client_min_messages = warning;     -- "already exists, skipping" is what a second run is about

do $$
begin
    if not pg_try_advisory_lock(hashtext('candlefish optimisation')) then  -- waiting would hold up concurrent builds
        raise exception 'the optimisation is being applied to this database by somebody else just now';
    end if;
end $$;

create schema if not exists candlefish_ops;
comment on schema candlefish_ops is 'What the optimisation needs while it runs';

-- Whoever may use one relation may use another as well: for those that take a table's place or sum it up.
create or replace procedure candlefish_ops.grant_like(model regclass, target regclass) language plpgsql as $$
declare
    privilege record;
begin
    for privilege in
        select case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee, a.privilege_type
        from pg_class c, aclexplode(c.relacl) a
        where c.oid = model and a.grantee <> c.relowner
          and (a.privilege_type = 'SELECT' or (select relkind from pg_class where oid = target) in ('r', 'p'))
    loop
        execute format('grant %s on %s to %s', privilege.privilege_type, target, privilege.grantee);
    end loop;
end $$;

-- The indexes of the two tables that get partitioned: built in one go with the partitions, or concurrently without them.
create or replace function candlefish_ops.series_indexes()
returns table (relation text, index_name text, definition text, purpose text) language sql immutable as $$
    values
    ('metrics', 'metrics_service_name_recorded_idx', '(service_id, name, recorded_at)',
        'composite; serves metric_range'),
    ('metrics', 'metrics_recorded_brin', 'using brin (recorded_at) with (pages_per_range = 16)',
        'BRIN; serves operations_screen'),
    ('activity_logs', 'activity_logs_organization_created_idx', '(organization_id, created_at desc)',
        'composite; serves organization_activity'),
    ('activity_logs', 'activity_logs_user_created_idx', '(user_id, created_at desc)',
        'foreign key; serves support_trace'),
    ('activity_logs', 'activity_logs_entity_changes_idx', '(entity_id, created_at desc) where action <> ''view''',
        'partial; serves dashboard_details'),
    ('activity_logs', 'activity_logs_request_idx', '((metadata ->> ''request''))',
        'expression; serves support_trace'),
    ('activity_logs', 'activity_logs_created_brin', 'using brin (created_at) with (pages_per_range = 16)',
        'BRIN; serves operations_screen')
$$;

-- Indexes, built concurrently. Each one's comment says its kind and the operations it serves.
\echo indexes: clear what an interrupted build left behind
select format('drop index concurrently %I.%I', n.nspname, c.relname)
from pg_index i
join pg_class c on c.oid = i.indexrelid and c.relkind = 'i' and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
where not i.indisvalid
  and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
\gexec

\echo indexes: users
create index concurrently if not exists users_email_idx on users (lower(email)) where deleted_at is null;
comment on index users_email_idx is 'partial; serves login, mark_seen';
create index concurrently if not exists users_organization_name_idx on users (organization_id, full_name) where deleted_at is null;
comment on index users_organization_name_idx is 'composite; serves organization_people';
create index concurrently if not exists users_admins_idx on users (organization_id, id) where role = 'admin' and deleted_at is null;
comment on index users_admins_idx is 'partial; serves organization_people';
create index concurrently if not exists users_invited_idx on users (organization_id, created_at desc) where status = 'invited' and deleted_at is null;
comment on index users_invited_idx is 'partial; serves organization_people';

\echo indexes: dashboards
create index concurrently if not exists dashboards_owner_updated_idx on dashboards (owner_id, updated_at desc) where deleted_at is null;
comment on index dashboards_owner_updated_idx is 'foreign key; serves user_dashboards';
create index concurrently if not exists dashboards_organization_updated_idx on dashboards (organization_id, updated_at desc) where deleted_at is null;
comment on index dashboards_organization_updated_idx is 'composite; serves organization_dashboards';
create index concurrently if not exists dashboards_organization_name_idx on dashboards (organization_id, lower(name)) where deleted_at is null;
comment on index dashboards_organization_name_idx is 'composite; serves rename_dashboard';
create index concurrently if not exists dashboards_trash_idx on dashboards (organization_id, deleted_at desc) where deleted_at is not null;
comment on index dashboards_trash_idx is 'partial; serves organization_dashboards';
create index concurrently if not exists dashboards_metadata_idx on dashboards using gin (metadata jsonb_path_ops);
comment on index dashboards_metadata_idx is 'GIN; serves team_page';

\echo indexes: widgets
create index concurrently if not exists widgets_dashboard_position_idx on widgets (dashboard_id, position) where deleted_at is null;
comment on index widgets_dashboard_position_idx is 'foreign key; serves dashboard_page, user_dashboards, edit_widget';
create index concurrently if not exists widgets_data_source_idx on widgets (data_source_id) where deleted_at is null;
comment on index widgets_data_source_idx is 'foreign key; serves attention_list';
create index concurrently if not exists widgets_configuration_idx on widgets using gin (configuration jsonb_path_ops);
comment on index widgets_configuration_idx is 'GIN; serves widget_search';

\echo indexes: dashboard_shares
create index concurrently if not exists dashboard_shares_dashboard_user_idx on dashboard_shares (dashboard_id, user_id) where deleted_at is null;
comment on index dashboard_shares_dashboard_user_idx is 'foreign key; serves dashboard_details, share_dashboard, archive_dashboard';
create index concurrently if not exists dashboard_shares_user_created_idx on dashboard_shares (user_id, created_at desc) where deleted_at is null;
comment on index dashboard_shares_user_created_idx is 'foreign key; serves user_dashboards, shared_with_me';

\echo indexes: data_sources, services
create index concurrently if not exists data_sources_organization_name_idx on data_sources (organization_id, name) where deleted_at is null;
comment on index data_sources_organization_name_idx is 'foreign key; serves organization_sources';
create index concurrently if not exists data_sources_broken_idx on data_sources (organization_id) where status = 'error';
comment on index data_sources_broken_idx is 'partial; serves attention_list';
create index concurrently if not exists services_organization_name_idx on services (organization_id, name) where deleted_at is null;
comment on index services_organization_name_idx is 'foreign key; serves service_health';
create index concurrently if not exists services_name_idx on services (name) where deleted_at is null;
comment on index services_name_idx is 'partial; serves record_metrics';
create index concurrently if not exists services_troubled_idx on services (organization_id) where status <> 'operational';
comment on index services_troubled_idx is 'partial; serves attention_list';
create index concurrently if not exists services_metadata_idx on services using gin (metadata jsonb_path_ops);
comment on index services_metadata_idx is 'GIN; serves team_page';

\echo indexes: health_metrics
create index concurrently if not exists health_metrics_service_checked_idx on health_metrics (service_id, checked_at desc);
comment on index health_metrics_service_checked_idx is 'composite; serves service_health, record_health';
create index concurrently if not exists health_metrics_checked_brin on health_metrics using brin (checked_at) with (pages_per_range = 16);
comment on index health_metrics_checked_brin is 'BRIN; serves operations_screen';
create index concurrently if not exists health_metrics_failed_idx on health_metrics (checked_at) where status <> 'healthy';
comment on index health_metrics_failed_idx is 'partial; serves attention_list';

\echo indexes: agents, agent_decisions
create index concurrently if not exists agents_organization_name_idx on agents (organization_id, name) where deleted_at is null;
comment on index agents_organization_name_idx is 'foreign key; serves agent_console';
create index concurrently if not exists agents_failed_idx on agents (organization_id) where status = 'failed';
comment on index agents_failed_idx is 'partial; serves attention_list';
create index concurrently if not exists agent_decisions_agent_created_idx on agent_decisions (agent_id, created_at desc);
comment on index agent_decisions_agent_created_idx is 'foreign key; serves agent_console';
create index concurrently if not exists agent_decisions_pending_agent_idx on agent_decisions (agent_id) where status = 'pending';
comment on index agent_decisions_pending_agent_idx is 'partial; serves record_decision';
create index concurrently if not exists agent_decisions_pending_idx on agent_decisions (organization_id, confidence desc) where status = 'pending';
comment on index agent_decisions_pending_idx is 'composite; serves pending_decisions';
create index concurrently if not exists agent_decisions_context_idx on agent_decisions using gin (context jsonb_path_ops);
comment on index agent_decisions_context_idx is 'GIN; serves agent_console';
create index concurrently if not exists agent_decisions_created_brin on agent_decisions using brin (created_at) with (pages_per_range = 16);
comment on index agent_decisions_created_brin is 'BRIN; serves operations_screen';

\echo indexes: maintenance_log
create index concurrently if not exists maintenance_log_service_starts_idx on maintenance_log (service_id, starts_at desc);
comment on index maintenance_log_service_starts_idx is 'foreign key; serves maintenance_calendar';
create index concurrently if not exists maintenance_log_scheduled_idx on maintenance_log (organization_id, starts_at) where status = 'scheduled';
comment on index maintenance_log_scheduled_idx is 'partial; serves maintenance_calendar';

\echo indexes: statistics
analyze users, dashboards;  -- the expressions that are indexed have no statistics before

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

-- Materialized views: an organization's counts, and who was active. As old as their last refresh; pg_cron refreshes
-- them every five minutes, concurrently, so that they are read meanwhile.
\echo views: dashboard_stats
select to_regclass('dashboard_stats') is not null as stats_present, to_regclass('user_activity_summary') is not null as summary_present \gset

create materialized view if not exists dashboard_stats as
select o.id as organization_id, o.name, o.plan,
    coalesce(u.users, 0) as users,
    coalesce(d.dashboards, 0) as dashboards,
    coalesce(d.widgets, 0)::bigint as widgets,
    coalesce(s.services, 0) as services,
    coalesce(s.services_in_trouble, 0) as services_in_trouble,
    coalesce(a.agents, 0) as agents,
    coalesce(l.actions_7d, 0) as actions_7d,
    now() as refreshed_at
from organizations o
left join (select organization_id, count(*) as users from users where deleted_at is null group by 1) u
    on u.organization_id = o.id
left join (select d.organization_id, count(*) as dashboards, sum(w.widgets) as widgets
           from dashboards d
           left join (select dashboard_id, count(*) as widgets from widgets where deleted_at is null group by 1) w
               on w.dashboard_id = d.id
           where d.deleted_at is null group by 1) d
    on d.organization_id = o.id
left join (select organization_id, count(*) as services, count(*) filter (where status <> 'operational') as services_in_trouble
           from services where deleted_at is null group by 1) s
    on s.organization_id = o.id
left join (select organization_id, count(*) as agents from agents where deleted_at is null group by 1) a
    on a.organization_id = o.id
left join (select organization_id, count(*) as actions_7d from activity_logs
           where created_at >= now() - interval '7 days' group by 1) l
    on l.organization_id = o.id
where o.deleted_at is null;
create unique index if not exists dashboard_stats_organization_idx on dashboard_stats (organization_id);
comment on index dashboard_stats_organization_idx is 'unique; serves organization_overview, and the concurrent refresh';
call candlefish_ops.grant_like('dashboards', 'dashboard_stats');

\echo views: user_activity_summary
create materialized view if not exists user_activity_summary as
select u.id as user_id, u.organization_id, u.full_name, count(*) as actions_30d, max(l.created_at) as last_action_at,
    now() as refreshed_at
from activity_logs l
join users u on u.id = l.user_id and u.deleted_at is null
where l.created_at >= now() - interval '30 days'
group by u.id;
create unique index if not exists user_activity_summary_organization_idx
    on user_activity_summary (organization_id, actions_30d desc, user_id);
comment on index user_activity_summary_organization_idx is 'unique; serves organization_people, and the concurrent refresh';
call candlefish_ops.grant_like('users', 'user_activity_summary');

\if :stats_present
refresh materialized view concurrently dashboard_stats;
\endif
\if :summary_present
refresh materialized view concurrently user_activity_summary;
\endif
analyze dashboard_stats, user_activity_summary;

\echo views: schedule
do $$
begin
    create extension if not exists pg_cron;
exception when others then
    raise warning 'pg_cron is not to be had here (%): refresh dashboard_stats and user_activity_summary by other means', sqlerrm;
end $$;
select count(*) > 0 as has_cron from pg_extension where extname = 'pg_cron' \gset
\if :has_cron
select cron.schedule('candlefish dashboard_stats', '*/5 * * * *',
    'set statement_timeout = 0; refresh materialized view concurrently ' || current_schema() || '.dashboard_stats') as job \gset
select cron.schedule('candlefish user_activity_summary', '2-59/5 * * * *',
    'set statement_timeout = 0; refresh materialized view concurrently ' || current_schema() || '.user_activity_summary') as job \gset
\endif

-- Functions for the two pages whose query an index alone does not make cheap.
\echo functions: get_user_dashboards, get_service_health_batch

-- A user's dashboards page, own and shared: the page is cut off before its widgets are counted.
create or replace function get_user_dashboards(user_id uuid, page_size integer default 50)
returns table (id uuid, name text, visibility text, updated_at timestamptz, owned boolean, widgets bigint)
language sql stable parallel safe as $$
    select page.id, page.name, page.visibility, page.updated_at, page.owner_id = $1, counted.widgets
    from (
        select d.id, d.name, d.visibility, d.updated_at, d.owner_id
        from dashboards d where d.owner_id = $1 and d.deleted_at is null
        union
        select d.id, d.name, d.visibility, d.updated_at, d.owner_id
        from dashboard_shares s join dashboards d on d.id = s.dashboard_id
        where s.user_id = $1 and s.deleted_at is null and d.deleted_at is null
        order by updated_at desc, id
        limit $2
    ) page
    cross join lateral (
        select count(*) as widgets from widgets w where w.dashboard_id = page.id and w.deleted_at is null
    ) counted
    order by page.updated_at desc, page.id
$$;

-- The latest check of each of many services: one index entry for each, instead of all their checks.
create or replace function get_service_health_batch(service_ids uuid[])
returns table (service_id uuid, status text, latency_ms double precision, cpu_ratio real, memory_ratio real,
               error_ratio real, checked_at timestamptz)
language sql stable parallel safe as $$
    select latest.service_id, latest.status, latest.latency_ms, latest.cpu_ratio, latest.memory_ratio,
        latest.error_ratio, latest.checked_at
    from (select distinct unnest($1) as id) service
    cross join lateral (
        select * from health_metrics h where h.service_id = service.id order by h.checked_at desc limit 1
    ) latest
$$;

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

-- What only the run itself needed.
\echo finish
drop schema if exists candlefish_ops cascade;
