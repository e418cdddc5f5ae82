-- Takes the reference application out of a database again, however far its optimisation had come.
set client_min_messages = warning;
do $$
begin
    if to_regclass('cron.job') is not null then
        perform cron.unschedule(jobid) from cron.job where jobname like 'candlefish %';
    end if;
    if to_regclass('partman.part_config') is not null then
        delete from partman.part_config where parent_table in ('public.metrics', 'public.activity_logs');
        drop table if exists partman.template_public_metrics, partman.template_public_activity_logs;
    end if;
end $$;
drop materialized view if exists dashboard_stats, user_activity_summary;
drop view if exists index_usage_stats;
drop function if exists get_user_dashboards(uuid, integer);
drop function if exists get_service_health_batch(uuid[]);
drop schema if exists candlefish_ops cascade;
drop schema if exists demo_seed cascade;
drop table if exists organizations, users, dashboards, widgets, dashboard_shares, data_sources, services,
    health_metrics, metrics, activity_logs, agents, agent_decisions, maintenance_log,
    metrics_former, activity_logs_former, metrics_twin, activity_logs_twin cascade;
-- Partitions that were detached when they grew old.
do $$
declare
    detached record;
begin
    for detached in
        select oid::regclass as name from pg_class
        where relkind = 'r' and relnamespace = current_schema()::regnamespace
          and relname ~ '^(metrics|activity_logs)_p[0-9]{4}'
    loop
        execute format('drop table %s', detached.name);
    end loop;
end $$;
