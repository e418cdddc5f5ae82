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
