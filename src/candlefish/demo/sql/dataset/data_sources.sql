insert into data_sources
select demo_seed.key('data_sources', n),
    demo_seed.key('organizations', demo_seed.zipf(demo_seed.rows('organizations'), demo_seed.u(n, 71))),
    'Source ' || n,
    demo_seed.one_of('{postgresql,prometheus,cloudwatch,http,csv}', demo_seed.u(n, 72)),
    case when demo_seed.u(n, 73) < 0.93 then 'connected' when demo_seed.u(n, 73) < 0.98 then 'paused' else 'error' end,
    jsonb_build_object('host', 'db-' || n || '.internal', 'interval_s', 60, 'tls', demo_seed.u(n, 74) < 0.8),
    demo_seed.anchor() - interval '2 days' * demo_seed.u(n, 75),
    demo_seed.at(n, demo_seed.rows('data_sources'), '800 days'),
    case when demo_seed.u(n, 76) < 0.03 then demo_seed.anchor() - interval '40 days' end
from generate_series(1, demo_seed.rows('data_sources')) n;
