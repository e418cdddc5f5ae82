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
