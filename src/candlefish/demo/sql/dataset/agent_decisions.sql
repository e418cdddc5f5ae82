insert into agent_decisions
select demo_seed.key('agent_decisions', n),
    demo_seed.key('agents', agent),
    demo_seed.key('organizations', demo_seed.org_of_agent(agent)),
    demo_seed.one_of('{scale_up,scale_down,restart,page,ignore,ignore}', demo_seed.u(n, 132)),
    1 - power(demo_seed.u(n, 133), 2),
    case when demo_seed.u(n, 134) < 0.85 then 'executed' when demo_seed.u(n, 134) < 0.97 then 'rejected' else 'pending' end,
    jsonb_build_object('incident', 'inc-' || n / 4, 'service', 'service-' || demo_seed.lean(demo_seed.rows('services'), demo_seed.u(n, 135), 1.3)),
    demo_seed.at(n, demo_seed.rows('agent_decisions'), '90 days')
from (select n, demo_seed.lean(demo_seed.rows('agents'), demo_seed.u(n, 131), 1.5) as agent
      from generate_series(1, demo_seed.rows('agent_decisions')) n) series;
