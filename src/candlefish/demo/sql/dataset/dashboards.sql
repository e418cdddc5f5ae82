insert into dashboards
select demo_seed.key('dashboards', n),
    demo_seed.key('organizations', demo_seed.org_of_user(demo_seed.owner_of_dashboard(n))),
    demo_seed.key('users', demo_seed.owner_of_dashboard(n)),
    demo_seed.one_of('{Overview,Latency,Errors,Capacity,Revenue,"On call",Releases,Queues}', demo_seed.u(n, 31)) || ' ' || n,
    case when demo_seed.u(n, 32) < 0.4 then 'What the team looks at first, number ' || n end,
    case when demo_seed.u(n, 33) < 0.7 then 'private' when demo_seed.u(n, 33) < 0.97 then 'organization' else 'public' end,
    jsonb_build_object('columns', 12,
        'refresh_s', (array[5, 10, 30, 60])[1 + floor(4 * demo_seed.u(n, 34))::integer],
        'tags', jsonb_build_array('team-' || demo_seed.zipf(400, demo_seed.u(n, 35)),
            demo_seed.one_of('{prod,staging,dev}', demo_seed.u(n, 36)))),
    demo_seed.at(n, demo_seed.rows('dashboards'), '800 days'),
    demo_seed.anchor() - interval '200 days' * power(demo_seed.u(n, 37), 2),
    case when n > 500 and demo_seed.u(n, 38) < 0.04 then demo_seed.anchor() - interval '60 days' * demo_seed.u(n, 39) end
from generate_series(1, demo_seed.rows('dashboards')) n;
