"""What the reference application's pages ask the database for, statement by statement.

`before` is what the application sent from the first day; `after`, where it differs, calls a function or a materialized
view of the optimisation and returns the same rows (of a materialized view: as of its last refresh).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One statement of a read.

    `uses` are the places of its arguments among the read's; `cache` is the prefix of its key, which the first
    argument completes; `from_view` says that `after` reads a materialized view, and so may be minutes old.
    """

    before: str
    after: str = ""
    uses: tuple[int, ...] = (0,)
    cache: str = ""
    from_view: bool = False

    def sql(self, *, optimised: bool) -> str:
        """Return the statement to send."""
        return self.after if optimised and self.after else self.before


USER_DASHBOARDS = Query(
    cache="user_dashboards",
    before="""
        select d.id, d.name, d.visibility, d.updated_at, d.owner_id = $1 as owned, count(w.id) as widgets
        from dashboards d left join widgets w on w.dashboard_id = d.id and w.deleted_at is null
        where d.deleted_at is null
          and (d.owner_id = $1 or d.id in (select s.dashboard_id from dashboard_shares s
                                           where s.user_id = $1 and s.deleted_at is null))
        group by d.id order by d.updated_at desc, d.id limit 50""",
    after="select id, name, visibility, updated_at, owned, widgets from get_user_dashboards($1, 50)",
)

DASHBOARD_PAGE = Query(
    cache="dashboard",
    before="""
        select d.id as dashboard_id, d.name, d.description, d.visibility, d.metadata, d.updated_at,
               w.id as widget_id, w.kind, w.title, w.position, w.configuration,
               s.name as source, s.status as source_status
        from dashboards d
        left join widgets w on w.dashboard_id = d.id and w.deleted_at is null
        left join data_sources s on s.id = w.data_source_id
        where d.id = $1 and d.deleted_at is null
        order by w.position, w.id""",
)

ORGANIZATION_OVERVIEW = Query(
    cache="overview",
    from_view=True,
    before="""
        select o.id as organization_id, o.name, o.plan,
          (select count(*) from users u where u.organization_id = o.id and u.deleted_at is null) as users,
          (select count(*) from dashboards d where d.organization_id = o.id and d.deleted_at is null) as dashboards,
          (select count(*) from widgets w join dashboards d on d.id = w.dashboard_id
           where d.organization_id = o.id and d.deleted_at is null and w.deleted_at is null) as widgets,
          (select count(*) from services s where s.organization_id = o.id and s.deleted_at is null) as services,
          (select count(*) from services s where s.organization_id = o.id and s.deleted_at is null
             and s.status <> 'operational') as services_in_trouble,
          (select count(*) from agents a where a.organization_id = o.id and a.deleted_at is null) as agents,
          (select count(*) from activity_logs l where l.organization_id = o.id
             and l.created_at >= now() - interval '7 days') as actions_7d
        from organizations o where o.id = $1 and o.deleted_at is null""",
    after="""
        select organization_id, name, plan, users, dashboards, widgets, services, services_in_trouble, agents,
          actions_7d
        from dashboard_stats where organization_id = $1""",
)

ORGANIZATION_SOURCES = Query(
    cache="sources",
    before="""
        select id, name, kind, status, configuration, last_synced_at from data_sources
        where organization_id = $1 and deleted_at is null order by name, id limit 100""",
)

LOGIN = Query(
    before="""
        select u.id, u.password_hash, u.role, u.status, o.name as organization, o.status as organization_status
        from users u join organizations o on o.id = u.organization_id
        where lower(u.email) = lower($1) and u.deleted_at is null""",
)

SERVICE_HEALTH = Query(
    before="""
        select distinct on (h.service_id) h.service_id, h.status, h.latency_ms, h.cpu_ratio, h.memory_ratio,
               h.error_ratio, h.checked_at
        from health_metrics h
        where h.service_id in (select s.id from services s where s.organization_id = $1 and s.deleted_at is null
                               order by s.name limit 20)
        order by h.service_id, h.checked_at desc""",
    after="""
        select service_id, status, latency_ms, cpu_ratio, memory_ratio, error_ratio, checked_at
        from get_service_health_batch(array(
            select s.id from services s where s.organization_id = $1 and s.deleted_at is null order by s.name limit 20))
        order by service_id""",
)

METRIC_RANGE = Query(
    uses=(0, 1),
    before="""
        select date_trunc('hour', recorded_at) as hour, count(*) as samples, avg(value) as average,
          max(value) as highest
        from metrics
        where service_id = $1 and name = $2 and recorded_at >= now() - interval '3 days'
        group by 1 order by 1""",
)

ORGANIZATION_ACTIVITY = Query(
    before="""
        select id, user_id, action, entity_kind, entity_id, created_at from activity_logs
        where organization_id = $1 and created_at >= now() - interval '30 days'
        order by created_at desc, id limit 50""",
)

DASHBOARD_ACCESS = Query(
    before="""
        select u.id, u.full_name, s.permission, s.created_at
        from dashboard_shares s join users u on u.id = s.user_id
        where s.dashboard_id = $1 and s.deleted_at is null order by s.created_at, u.id limit 50""",
)

DASHBOARD_HISTORY = Query(
    before="""
        select id, user_id, action, created_at from activity_logs
        where entity_id = $1 and action <> 'view' order by created_at desc, id limit 20""",
)

REQUEST_TRACE = Query(
    before="""
        select l.id, l.action, l.metadata, l.created_at from activity_logs l
        where l.user_id = (select t.user_id from activity_logs t where t.metadata ->> 'request' = $1
                           order by t.created_at desc limit 1)
        order by l.created_at desc, l.id limit 20""",
)

WIDGET_SEARCH = Query(
    before="""
        select w.id, w.title, w.kind, w.dashboard_id, w.updated_at from widgets w
        where w.configuration @> $1::text::jsonb and w.deleted_at is null
        order by w.updated_at desc, w.id limit 50""",
)

ORGANIZATION_DASHBOARDS = Query(
    before="""
        select id, name, owner_id, visibility, updated_at from dashboards
        where organization_id = $1 and deleted_at is null order by updated_at desc, id limit 50""",
)

ORGANIZATION_TRASH = Query(
    before="""
        select id, name, deleted_at from dashboards
        where organization_id = $1 and deleted_at is not null order by deleted_at desc, id limit 20""",
)

ORGANIZATION_MEMBERS = Query(
    before="""
        select id, full_name, email, role, status, last_seen_at from users
        where organization_id = $1 and deleted_at is null order by full_name, id limit 50""",
)

ORGANIZATION_ADMINS = Query(
    before="""
        select id, full_name, email from users
        where organization_id = $1 and role = 'admin' and deleted_at is null order by id limit 20""",
)

ORGANIZATION_INVITATIONS = Query(
    before="""
        select id, email, created_at from users
        where organization_id = $1 and status = 'invited' and deleted_at is null
        order by created_at desc, id limit 20""",
)

ORGANIZATION_ENGAGEMENT = Query(
    from_view=True,
    before="""
        select u.id as user_id, u.full_name, count(*) as actions_30d, max(l.created_at) as last_action_at
        from activity_logs l join users u on u.id = l.user_id
        where l.organization_id = $1 and l.created_at >= now() - interval '30 days' and u.deleted_at is null
        group by u.id order by actions_30d desc, u.id limit 10""",
    after="""
        select user_id, full_name, actions_30d, last_action_at from user_activity_summary
        where organization_id = $1 order by actions_30d desc, user_id limit 10""",
)

SHARED_WITH_ME = Query(
    before="""
        select d.id, d.name, s.permission, s.shared_by, s.created_at
        from dashboard_shares s join dashboards d on d.id = s.dashboard_id
        where s.user_id = $1 and s.deleted_at is null and d.deleted_at is null
        order by s.created_at desc, d.id limit 50""",
)

PENDING_DECISIONS = Query(
    before="""
        select id, agent_id, decision, confidence, context, created_at from agent_decisions
        where organization_id = $1 and status = 'pending' and confidence >= 0.8
        order by confidence desc, id limit 50""",
)

AGENTS = Query(
    before="""
        select id, name, kind, status, last_run_at from agents
        where organization_id = $1 and deleted_at is null order by name, id limit 50""",
)

AGENT_HISTORY = Query(
    uses=(1,),
    before="""
        select id, decision, confidence, status, created_at from agent_decisions
        where agent_id = $1 order by created_at desc, id limit 20""",
)

INCIDENT_DECISIONS = Query(
    uses=(2,),
    before="""
        select id, agent_id, decision, confidence, status, created_at from agent_decisions
        where context @> $1::text::jsonb order by created_at desc, id limit 20""",
)

TEAM_SERVICES = Query(
    before="""
        select id, name, tier, status from services
        where metadata @> jsonb_build_object('team', $1::text) and deleted_at is null order by name, id limit 50""",
)

TEAM_DASHBOARDS = Query(
    before="""
        select id, name, owner_id, updated_at from dashboards
        where metadata @> jsonb_build_object('tags', jsonb_build_array($1::text)) and deleted_at is null
        order by updated_at desc, id limit 20""",
)

SCHEDULED_MAINTENANCE = Query(
    before="""
        select id, service_id, kind, starts_at, ends_at, acknowledged_by from maintenance_log
        where organization_id = $1 and status = 'scheduled' order by starts_at, id limit 20""",
)

SERVICE_MAINTENANCE = Query(
    uses=(1,),
    before="""
        select id, kind, status, starts_at, ends_at from maintenance_log
        where service_id = $1 order by starts_at desc, id limit 20""",
)

TROUBLED_SERVICES = Query(
    before="""
        select id, name, tier, status from services
        where organization_id = $1 and status <> 'operational' and deleted_at is null order by name, id limit 20""",
)

RECENT_FAILURES = Query(
    before="""
        select h.service_id, s.name, h.status, h.latency_ms, h.checked_at
        from health_metrics h join services s on s.id = h.service_id
        where h.status <> 'healthy' and h.checked_at >= now() - interval '3 hours' and s.organization_id = $1
        order by h.checked_at desc, h.id limit 20""",
)

FAILED_AGENTS = Query(
    before="""
        select id, name, kind, last_run_at from agents
        where organization_id = $1 and status = 'failed' and deleted_at is null order by name, id limit 20""",
)

BROKEN_SOURCES = Query(
    before="""
        select s.id, s.name, s.last_synced_at, w.id as widget_id, w.title
        from data_sources s join widgets w on w.data_source_id = s.id and w.deleted_at is null
        where s.organization_id = $1 and s.status = 'error' and s.deleted_at is null
        order by s.name, w.id limit 50""",
)

LATENCY_NOW = Query(
    uses=(),
    before="""
        select status, count(*) as checks, percentile_cont(0.95) within group (order by latency_ms) as p95_ms
        from health_metrics where checked_at >= now() - interval '15 minutes' group by status order by status""",
)

INGEST_NOW = Query(
    uses=(),
    before="""
        select name, count(*) filter (where recorded_at >= now() - interval '1 hour') as samples,
               count(*) filter (where recorded_at <= now() - interval '7 days') as samples_a_week_ago
        from metrics
        where recorded_at >= now() - interval '1 hour'
           or recorded_at between now() - interval '7 days 1 hour' and now() - interval '7 days'
        group by name order by name""",
)

ACTIVITY_NOW = Query(
    uses=(),
    before="""
        select action, count(*) filter (where created_at >= now() - interval '6 hours') as times,
               count(*) filter (where created_at <= now() - interval '7 days') as times_a_week_ago,
               count(distinct user_id) as people
        from activity_logs
        where created_at >= now() - interval '6 hours'
           or created_at between now() - interval '7 days 6 hours' and now() - interval '7 days'
        group by action order by action""",
)

DECISIONS_NOW = Query(
    uses=(),
    before="""
        select decision, count(*) as times, min(confidence) as least_confident
        from agent_decisions where created_at >= now() - interval '6 hours' group by decision order by decision""",
)
