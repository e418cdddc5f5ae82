-- The Candlefish platform, a multi-tenant dashboard and service-monitoring product, as it started:
-- plain tables with primary keys and no other index.
--
-- No foreign key constraints: products that grow this way mostly keep their references in the application, rows are
-- soft-deleted (so a constraint would never fire), and the time series must stay free to be partitioned and detached.
-- The optimisation therefore adds indexes on the referencing columns, and no constraint that could refuse a write.

create table organizations (
    id          uuid primary key,
    name        text not null,
    slug        text not null,
    plan        text not null,
    status      text not null,
    settings    jsonb not null default '{}',
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    deleted_at  timestamptz
);

create table users (
    id              uuid primary key,
    organization_id uuid not null,
    email           text not null,
    full_name       text not null,
    role            text not null,
    status          text not null,
    password_hash   text not null,
    preferences     jsonb not null default '{}',
    last_seen_at    timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table dashboards (
    id              uuid primary key,
    organization_id uuid not null,
    owner_id        uuid not null,
    name            text not null,
    description     text,
    visibility      text not null,
    metadata        jsonb not null default '{}',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table widgets (
    id              uuid primary key,
    dashboard_id    uuid not null,
    data_source_id  uuid not null,
    kind            text not null,
    title           text not null,
    position        integer not null,
    configuration   jsonb not null default '{}',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table dashboard_shares (
    id              uuid primary key,
    dashboard_id    uuid not null,
    user_id         uuid not null,
    shared_by       uuid not null,
    permission      text not null,
    created_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table data_sources (
    id              uuid primary key,
    organization_id uuid not null,
    name            text not null,
    kind            text not null,
    status          text not null,
    configuration   jsonb not null default '{}',
    last_synced_at  timestamptz,
    created_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table services (
    id              uuid primary key,
    organization_id uuid not null,
    name            text not null,
    tier            text not null,
    status          text not null,
    metadata        jsonb not null default '{}',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table health_metrics (
    id              uuid primary key,
    service_id      uuid not null,
    status          text not null,
    latency_ms      double precision not null,
    cpu_ratio       real not null,
    memory_ratio    real not null,
    error_ratio     real not null,
    checked_at      timestamptz not null default now()
);

create table metrics (
    id              uuid primary key,
    service_id      uuid not null,
    name            text not null,
    value           double precision not null,
    recorded_at     timestamptz not null default now()
);

create table activity_logs (
    id              uuid primary key,
    organization_id uuid not null,
    user_id         uuid not null,
    action          text not null,
    entity_kind     text not null,
    entity_id       uuid not null,
    metadata        jsonb not null default '{}',
    created_at      timestamptz not null default now()
);

create table agents (
    id              uuid primary key,
    organization_id uuid not null,
    name            text not null,
    kind            text not null,
    status          text not null,
    configuration   jsonb not null default '{}',
    last_run_at     timestamptz,
    created_at      timestamptz not null default now(),
    deleted_at      timestamptz
);

create table agent_decisions (
    id              uuid primary key,
    agent_id        uuid not null,
    organization_id uuid not null,
    decision        text not null,
    confidence      double precision not null,
    status          text not null,
    context         jsonb not null default '{}',
    created_at      timestamptz not null default now()
);

create table maintenance_log (
    id              uuid primary key,
    organization_id uuid not null,
    service_id      uuid not null,
    kind            text not null,
    status          text not null,
    acknowledged_by uuid,
    notes           text,
    starts_at       timestamptz not null,
    ends_at         timestamptz not null,
    created_at      timestamptz not null default now()
);
