"""The writes of the reference application: what people, services and agents change.

The statements are the same before and after the optimisation; what differs is how the rows are found. A write
forgets the cached pages of its dashboard and of the dashboard's owner; pages of those it is shared with follow
within the cache's lifetime.
"""

import json
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from candlefish.bench.workload import Session, Transaction
from candlefish.demo.keyspace import METRIC_NAMES, Pick
from candlefish.errors import CheckFailed

BATCH = 20
"""Samples that a service sends at once."""

LOG_ACTIVITY = """
    insert into activity_logs (id, organization_id, user_id, action, entity_kind, entity_id, metadata)
    select gen_random_uuid(), u.organization_id, u.id, $2, 'dashboard', $3, $4::text::jsonb
    from users u where u.id = $1"""

RECORD_METRICS = """
    insert into metrics (id, service_id, name, value)
    select gen_random_uuid(), s.id, sample.name, sample.value
    from services s, unnest($2::text[], $3::float8[]) as sample (name, value)
    where s.name = $1 and s.deleted_at is null"""

RECENT_TROUBLE = """
    select count(*) from health_metrics
    where service_id = $1 and checked_at >= now() - interval '1 hour' and status <> 'healthy'"""

RECORD_HEALTH = """
    insert into health_metrics (id, service_id, status, latency_ms, cpu_ratio, memory_ratio, error_ratio)
    values (gen_random_uuid(), $1, $2, $3, $4, $5, $6)"""

SET_SERVICE_STATUS = """
    update services set status = $2, updated_at = now()
    where id = $1 and status <> $2"""

MARK_SEEN = """
    update users set last_seen_at = now()
    where lower(email) = lower($1) and deleted_at is null"""

PENDING_OF_AGENT = """
    select count(*) from agent_decisions where agent_id = $1 and status = 'pending'"""

RECORD_DECISION = """
    insert into agent_decisions (id, agent_id, organization_id, decision, confidence, status, context)
    select $6, a.id, a.organization_id, $2, $3, $4, $5::text::jsonb from agents a where a.id = $1"""

DECISION_STATUS = """
    select status from agent_decisions where id = $1"""

AGENT_RAN = """
    update agents set last_run_at = now() where id = $1"""

FIRST_WIDGET = """
    select id from widgets where dashboard_id = $1 and deleted_at is null order by position, id limit 1 for update"""

EDIT_WIDGET = """
    update widgets
    set configuration = jsonb_set(configuration, '{display,color}', to_jsonb($2::text)), updated_at = now()
    where id = $1"""

TOUCH_DASHBOARD = """
    update dashboards set updated_at = now() where id = $1 returning owner_id"""

NAME_TAKEN = """
    select count(*) from dashboards d
    where d.organization_id = (select organization_id from dashboards where id = $1)
      and lower(d.name) = lower($2) and d.id <> $1 and d.deleted_at is null"""

RENAME_DASHBOARD = """
    update dashboards set name = $2, updated_at = now() where id = $1 returning owner_id"""

SHARED_ALREADY = """
    select id from dashboard_shares where dashboard_id = $1 and user_id = $2 and deleted_at is null"""

CHANGE_SHARE = """
    update dashboard_shares set permission = $2 where id = $1"""

ADD_SHARE = """
    insert into dashboard_shares (id, dashboard_id, user_id, shared_by, permission)
    select gen_random_uuid(), d.id, $2, d.owner_id, $3 from dashboards d where d.id = $1"""

ARCHIVE_OR_RESTORE = """
    update dashboards set deleted_at = case when deleted_at is null then now() end, updated_at = now()
    where id = $1 returning owner_id, deleted_at"""

END_SHARES = """
    update dashboard_shares set deleted_at = now() where dashboard_id = $1 and deleted_at is null"""

ACKNOWLEDGE = """
    update maintenance_log set acknowledged_by = $2
    where service_id = $1 and status = 'scheduled' and acknowledged_by is null"""


async def log_activity(session: Session, pick: Pick) -> None:
    """Log one action of a user."""
    metadata = json.dumps({"request": f"req-{pick.random.getrandbits(64):x}", "ms": pick.random.randint(1, 400)})
    action = pick.random.choices(("view", "edit", "login", "export"), (55, 20, 15, 10))[0]
    await session.execute(LOG_ACTIVITY, pick.any_of("users"), action, pick.any_of("dashboards"), metadata)


async def record_metrics(session: Session, pick: Pick) -> None:
    """Record a batch of samples that a service sent under its name."""
    names = [pick.random.choice(METRIC_NAMES) for _ in range(BATCH)]
    values = [100.0 * pick.random.random() for _ in range(BATCH)]
    await session.execute(RECORD_METRICS, pick.service_name(), names, values)


async def record_health(session: Session, pick: Pick) -> None:
    """Record a health check; the service counts as degraded when it failed before within the hour."""
    service, healthy = pick.any_of("services"), pick.random.random() < 0.985
    async with session.transaction() as tx:
        trouble = await tx.fetchval(RECENT_TROUBLE, service)
        figures = [pick.random.expovariate(1 / 40), *(pick.random.random() for _ in range(3))]
        await tx.execute(RECORD_HEALTH, service, "healthy" if healthy else "degraded", *figures)
        await tx.execute(SET_SERVICE_STATUS, service, "operational" if healthy or not trouble else "degraded")


async def mark_seen(session: Session, pick: Pick) -> None:
    """Note that a user was here just now."""
    await session.execute(MARK_SEEN, pick.address())


async def record_decision(session: Session, pick: Pick) -> None:
    """Record what an agent decided, and show it; it waits for approval while few others of the same agent do."""
    agent, confidence = pick.any_of("agents"), 1.0 - pick.random.random() ** 2
    identity = uuid4()  # not drawn: the next run with the same seed would meet it
    async with session.transaction() as tx:
        pending = await tx.fetchval(PENDING_OF_AGENT, agent)
        status = "pending" if confidence < 0.9 and pending < 50 else "executed"
        decision = pick.random.choice(("scale_up", "scale_down", "restart", "page", "ignore"))
        await tx.execute(RECORD_DECISION, agent, decision, confidence, status, pick.incident(), identity)
        await tx.execute(AGENT_RAN, agent)
    if await session.fetchval(DECISION_STATUS, identity) is None:  # from a replica, if one has replayed it
        raise CheckFailed(f"the decision {identity} was written, and then not found")


async def edit_widget(session: Session, pick: Pick) -> None:
    """Change the configuration of a dashboard's first widget."""
    dashboard, colour = pick.any_of("dashboards"), pick.random.choice(("teal", "amber", "rose", "slate"))
    async with session.transaction() as tx:
        widget = await tx.fetchval(FIRST_WIDGET, dashboard)
        if widget is not None:
            await tx.execute(EDIT_WIDGET, widget, colour)
        _forget(session, tx, dashboard, await tx.fetchval(TOUCH_DASHBOARD, dashboard))


async def rename_dashboard(session: Session, pick: Pick) -> None:
    """Give a dashboard a name that its organization has not got yet."""
    dashboard, name = pick.any_of("dashboards"), f"Overview {pick.random.getrandbits(40)}"
    async with session.transaction() as tx:
        if await tx.fetchval(NAME_TAKEN, dashboard, name):
            return
        _forget(session, tx, dashboard, await tx.fetchval(RENAME_DASHBOARD, dashboard, name))


async def share_dashboard(session: Session, pick: Pick) -> None:
    """Share a dashboard with a user, or change what that user may do with it."""
    dashboard, user = pick.any_of("dashboards"), pick.any_of("users")
    permission = pick.random.choices(("view", "edit"), (80, 20))[0]
    async with session.transaction() as tx:
        share = await tx.fetchval(SHARED_ALREADY, dashboard, user)
        if share is None:
            await tx.execute(ADD_SHARE, dashboard, user, permission)
        else:
            await tx.execute(CHANGE_SHARE, share, permission)
        session.forget(tx, f"user_dashboards:{user}")


async def archive_dashboard(session: Session, pick: Pick) -> None:
    """Soft-delete a dashboard and end its shares, or restore one from the trash."""
    dashboard = pick.quiet_dashboard()
    async with session.transaction() as tx:
        row = await tx.fetchrow(ARCHIVE_OR_RESTORE, dashboard)
        if row is not None and row["deleted_at"] is not None:
            await tx.execute(END_SHARES, dashboard)
        if row is not None:
            _forget(session, tx, dashboard, row["owner_id"])


async def acknowledge_maintenance(session: Session, pick: Pick) -> None:
    """Acknowledge the coming maintenance windows of a service."""
    await session.execute(ACKNOWLEDGE, pick.any_of("services"), pick.any_of("users"))


def _forget(session: Session, tx: Transaction, dashboard: UUID, owner: UUID | None) -> None:
    session.forget(tx, f"dashboard:{dashboard}", f"user_dashboards:{owner}")


Write = Callable[[Session, Pick], Awaitable[None]]

WRITES: tuple[tuple[Write, float], ...] = (
    (log_activity, 6),
    (record_metrics, 4),
    (record_health, 4),
    (mark_seen, 1.9),
    (record_decision, 1.3),
    (edit_widget, 0.5),
    (rename_dashboard, 0.2),
    (share_dashboard, 0.2),
    (archive_dashboard, 0.2),
    (acknowledge_maintenance, 0.2),
)
"""Every write with its weight."""
