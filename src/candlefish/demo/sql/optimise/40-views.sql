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
