insert into activity_logs
select demo_seed.key('activity_logs', n),
    demo_seed.key('organizations', demo_seed.org_of_user(who)),
    demo_seed.key('users', who),
    case when act < 0.55 then 'view' when act < 0.75 then 'edit' when act < 0.85 then 'login' when act < 0.95 then 'export'
         when act < 0.98 then 'share' else 'delete' end,
    'dashboard',
    demo_seed.key('dashboards', demo_seed.lean(demo_seed.rows('dashboards'), demo_seed.u(n, 113), 1.3)),
    jsonb_build_object('request', 'req-' || n, 'ip', '10.' || who % 200 || '.' || n % 250 || '.7', 'ms', floor(400 * demo_seed.u(n, 114))),
    demo_seed.at(n, demo_seed.rows('activity_logs'), '365 days')
from (select n, demo_seed.lean(demo_seed.rows('users'), demo_seed.u(n, 111), 1.5) as who, demo_seed.u(n, 112) as act
      from generate_series(1, demo_seed.rows('activity_logs')) n) series;
