-- Every service is checked in turn, for seven days.
insert into health_metrics
select demo_seed.key('health_metrics', n),
    demo_seed.key('services', 1 + n % demo_seed.rows('services')),
    case when demo_seed.u(n, 91) < 0.985 then 'healthy' when demo_seed.u(n, 91) < 0.997 then 'degraded' else 'down' end,
    5 + 40 * -ln(1 - demo_seed.u(n, 92)),
    demo_seed.u(n, 93)::real,
    demo_seed.u(n, 94)::real,
    (0.02 * power(demo_seed.u(n, 95), 4))::real,
    demo_seed.at(n, demo_seed.rows('health_metrics'), '7 days')
from generate_series(1, demo_seed.rows('health_metrics')) n;
