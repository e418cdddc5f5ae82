insert into organizations
select demo_seed.key('organizations', n),
    'Organization ' || n,
    'org-' || n,
    case when n <= demo_seed.rows('organizations') / 20 then 'enterprise'
         when demo_seed.u(n, 11) < 0.3 then 'team' else 'free' end,
    case when demo_seed.u(n, 12) < 0.95 then 'active' else 'suspended' end,
    jsonb_build_object('locale', demo_seed.one_of('{en,de,fr,es,ja}', demo_seed.u(n, 13)),
        'retention_days', (array[30, 90, 365])[1 + floor(3 * demo_seed.u(n, 14))::integer],
        'features', jsonb_build_object('agents', demo_seed.u(n, 15) < 0.4, 'sso', demo_seed.u(n, 16) < 0.2)),
    demo_seed.at(n, demo_seed.rows('organizations'), '900 days'),
    demo_seed.at(n, demo_seed.rows('organizations'), '300 days'),
    case when n > 10 and demo_seed.u(n, 17) < 0.02 then demo_seed.anchor() - interval '30 days' end
from generate_series(1, demo_seed.rows('organizations')) n;
