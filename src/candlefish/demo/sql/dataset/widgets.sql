insert into widgets
select demo_seed.key('widgets', n),
    demo_seed.key('dashboards', demo_seed.lean(demo_seed.rows('dashboards'), demo_seed.u(n, 41), 1.3)),
    demo_seed.key('data_sources', demo_seed.lean(demo_seed.rows('data_sources'), demo_seed.u(n, 42), 1.3)),
    demo_seed.one_of('{line,line,line,bar,gauge,table,text,heatmap}', demo_seed.u(n, 43)),
    'Widget ' || n,
    floor(24 * demo_seed.u(n, 44))::integer,
    jsonb_build_object(
        'query', jsonb_build_object(
            'metric', demo_seed.one_of('{cpu,memory,latency,errors,requests,queue,disk,network}', demo_seed.u(n, 45)),
            'service', 'service-' || demo_seed.lean(demo_seed.rows('services'), demo_seed.u(n, 46), 1.3),
            'aggregation', demo_seed.one_of('{avg,max,p95,sum}', demo_seed.u(n, 47))),
        'display', jsonb_build_object('color', demo_seed.one_of('{teal,amber,rose,slate}', demo_seed.u(n, 48)), 'legend', true)),
    demo_seed.at(n, demo_seed.rows('widgets'), '700 days'),
    demo_seed.anchor() - interval '200 days' * power(demo_seed.u(n, 49), 2),
    case when demo_seed.u(n, 50) < 0.05 then demo_seed.anchor() - interval '60 days' * demo_seed.u(n, 51) end
from generate_series(1, demo_seed.rows('widgets')) n;
