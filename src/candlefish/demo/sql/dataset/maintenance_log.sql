-- Windows reach from 200 days back to 14 days ahead; those still to come are scheduled.
insert into maintenance_log
select demo_seed.key('maintenance_log', n),
    demo_seed.key('organizations', demo_seed.org_of_service(service)),
    demo_seed.key('services', service),
    demo_seed.one_of('{upgrade,patch,migration,drill}', demo_seed.u(n, 142)),
    case when starts_at > demo_seed.anchor() then 'scheduled' when demo_seed.u(n, 143) < 0.05 then 'cancelled' else 'done' end,
    case when demo_seed.u(n, 144) < 0.5 then demo_seed.key('users', 1 + n % demo_seed.rows('users')) end,
    'Window ' || n,
    starts_at,
    starts_at + interval '2 hours',
    starts_at - interval '15 days'
from (select n, demo_seed.lean(demo_seed.rows('services'), demo_seed.u(n, 141), 1.5) as service,
          demo_seed.at(n, demo_seed.rows('maintenance_log'), '214 days') + interval '14 days' as starts_at
      from generate_series(1, demo_seed.rows('maintenance_log')) n) series;
