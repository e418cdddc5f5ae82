insert into services
select demo_seed.key('services', n),
    demo_seed.key('organizations', demo_seed.org_of_service(n)),
    'service-' || n,
    demo_seed.one_of('{critical,standard,standard,standard,batch}', demo_seed.u(n, 81)),
    case when demo_seed.u(n, 82) < 0.95 then 'operational' when demo_seed.u(n, 82) < 0.99 then 'degraded' else 'outage' end,
    jsonb_build_object('team', 'team-' || demo_seed.zipf(400, demo_seed.u(n, 83)),
        'language', demo_seed.one_of('{python,go,typescript,java}', demo_seed.u(n, 84)),
        'region', demo_seed.one_of('{eu-central-1,us-east-1,ap-northeast-1}', demo_seed.u(n, 85))),
    demo_seed.at(n, demo_seed.rows('services'), '800 days'),
    demo_seed.at(n, demo_seed.rows('services'), '100 days'),
    case when n > 100 and demo_seed.u(n, 86) < 0.03 then demo_seed.anchor() - interval '40 days' end
from generate_series(1, demo_seed.rows('services')) n;
