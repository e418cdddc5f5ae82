insert into agents
select demo_seed.key('agents', n),
    demo_seed.key('organizations', demo_seed.org_of_agent(n)),
    'Agent ' || n,
    demo_seed.one_of('{scaler,triage,triage,rollback,cost}', demo_seed.u(n, 121)),
    case when demo_seed.u(n, 122) < 0.9 then 'idle' when demo_seed.u(n, 122) < 0.97 then 'running' else 'failed' end,
    jsonb_build_object('model', demo_seed.one_of('{small,medium,large}', demo_seed.u(n, 123)), 'threshold', 0.8),
    demo_seed.anchor() - interval '1 day' * demo_seed.u(n, 124),
    demo_seed.at(n, demo_seed.rows('agents'), '400 days'),
    case when demo_seed.u(n, 125) < 0.03 then demo_seed.anchor() - interval '40 days' end
from generate_series(1, demo_seed.rows('agents')) n;
