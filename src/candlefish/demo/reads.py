"""The reads of the reference application: its pages, how often they are asked for, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from candlefish.demo import queries as q
from candlefish.demo.keyspace import Pick
from candlefish.demo.queries import Query

Arguments = Callable[[Pick], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Read:
    """One kind of page: its arguments, drawn once, and its statements, sent one after the other."""

    name: str
    weight: float
    description: str
    arguments: Arguments
    queries: tuple[Query, ...]


READS = (
    Read("user_dashboards", 14, "a user's dashboards page: own and shared, with widget counts",
         lambda p: (p.online_user(),), (q.USER_DASHBOARDS,)),
    Read("dashboard_page", 26, "a dashboard with its widgets and their sources",
         lambda p: (p.open_dashboard(),), (q.DASHBOARD_PAGE,)),
    Read("organization_overview", 6, "an organization's counts",
         lambda p: (p.active_organization(),), (q.ORGANIZATION_OVERVIEW,)),
    Read("organization_sources", 4, "an organization's data sources",
         lambda p: (p.active_organization(),), (q.ORGANIZATION_SOURCES,)),
    Read("login", 3, "the user behind an e-mail address",
         lambda p: (p.address(),), (q.LOGIN,)),
    Read("service_health", 5, "the latest health of an organization's services, in one batch",
         lambda p: (p.any_of("organizations"),), (q.SERVICE_HEALTH,)),
    Read("metric_range", 5, "one metric of a service over three days, by hour",
         lambda p: (p.any_of("services"), p.metric()), (q.METRIC_RANGE,)),
    Read("organization_activity", 3, "what happened in an organization lately",
         lambda p: (p.any_of("organizations"),), (q.ORGANIZATION_ACTIVITY,)),
    Read("dashboard_details", 1.5, "who may see a dashboard, and who changed it",
         lambda p: (p.any_of("dashboards"),), (q.DASHBOARD_ACCESS, q.DASHBOARD_HISTORY)),
    Read("support_trace", 1, "the user behind a request, and what else they did",
         lambda p: (p.request(),), (q.REQUEST_TRACE,)),
    Read("widget_search", 2, "the widgets whose configuration charts a service",
         lambda p: (p.chart_of_service(),), (q.WIDGET_SEARCH,)),
    Read("organization_dashboards", 1.5, "an organization's newest dashboards, and its trash",
         lambda p: (p.any_of("organizations"),), (q.ORGANIZATION_DASHBOARDS, q.ORGANIZATION_TRASH)),
    Read("organization_people", 1.5, "members, administrators, invitations and the most active people",
         lambda p: (p.any_of("organizations"),),
         (q.ORGANIZATION_MEMBERS, q.ORGANIZATION_ADMINS, q.ORGANIZATION_INVITATIONS, q.ORGANIZATION_ENGAGEMENT)),
    Read("shared_with_me", 1.5, "what others shared with a user",
         lambda p: (p.any_of("users"),), (q.SHARED_WITH_ME,)),
    Read("pending_decisions", 2, "agent decisions that wait for approval, the most confident first",
         lambda p: (p.any_of("organizations"),), (q.PENDING_DECISIONS,)),
    Read("agent_console", 1, "agents, what one of them decided, and everything decided in an incident",
         lambda p: (p.any_of("organizations"), p.any_of("agents"), p.incident()),
         (q.AGENTS, q.AGENT_HISTORY, q.INCIDENT_DECISIONS)),
    Read("team_page", 1, "a team's services and dashboards",
         lambda p: (p.team(),), (q.TEAM_SERVICES, q.TEAM_DASHBOARDS)),
    Read("maintenance_calendar", 1, "the windows to come in an organization, and a service's past ones",
         lambda p: (p.any_of("organizations"), p.any_of("services")), (q.SCHEDULED_MAINTENANCE, q.SERVICE_MAINTENANCE)),
    Read("attention_list", 1, "what is broken in an organization: services, checks, agents, sources",
         lambda p: (p.any_of("organizations"),),
         (q.TROUBLED_SERVICES, q.RECENT_FAILURES, q.FAILED_AGENTS, q.BROKEN_SOURCES)),
    Read("operations_screen", 0.5, "the whole platform now: latency, ingest, activity, decisions",
         lambda p: (), (q.LATENCY_NOW, q.INGEST_NOW, q.ACTIVITY_NOW, q.DECISIONS_NOW)),
)  # fmt: skip
"""Every read; the weights of reads and writes together make 100."""
