-- A dashboard is shared with somebody of the same organisation, and only once while the share lives.
with member as (
    select n, organization,
        row_number() over (partition by organization order by n) as place,
        count(*) over (partition by organization) as members
    from (select n, demo_seed.org_of_user(n) as organization
          from generate_series(1, demo_seed.rows('users')) n) u
), share as (
    select n, demo_seed.lean(demo_seed.rows('dashboards'), demo_seed.u(n, 61), 1.3) as dashboard, demo_seed.u(n, 62) as who
    from generate_series(1, demo_seed.rows('dashboard_shares')) n
), placed as (
    select share.*, demo_seed.owner_of_dashboard(dashboard) as owner,
        demo_seed.org_of_user(demo_seed.owner_of_dashboard(dashboard)) as organization
    from share
), size as (
    select organization, max(members) as members from member group by organization
)
insert into dashboard_shares
select demo_seed.key('dashboard_shares', n),
    demo_seed.key('dashboards', dashboard),
    demo_seed.key('users', receiver),
    demo_seed.key('users', owner),
    case when demo_seed.u(n, 63) < 0.8 then 'view' else 'edit' end,
    demo_seed.at(n, demo_seed.rows('dashboard_shares'), '500 days'),
    case when demo_seed.u(n, 64) < 0.06 then demo_seed.anchor() - interval '50 days' * demo_seed.u(n, 65) end
from (
    select distinct on (p.dashboard, m.n) p.n, p.dashboard, p.owner, m.n as receiver
    from placed p
    join size s using (organization)
    join member m on m.organization = p.organization and m.place = 1 + floor(s.members * p.who)::bigint
    where m.n <> p.owner
    order by p.dashboard, m.n, p.n
) once
order by n;
