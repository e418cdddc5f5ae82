insert into metrics
select demo_seed.key('metrics', n),
    demo_seed.key('services', demo_seed.zipf(demo_seed.rows('services'), demo_seed.u(n, 101))),
    demo_seed.one_of('{cpu,memory,latency,errors,requests,queue,disk,network}', demo_seed.u(n, 102)),
    100 * demo_seed.u(n, 103),
    demo_seed.at(n, demo_seed.rows('metrics'), '84 days')
from generate_series(1, demo_seed.rows('metrics')) n;
