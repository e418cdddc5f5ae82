insert into users
select demo_seed.key('users', n),
    demo_seed.key('organizations', demo_seed.org_of_user(n)),
    'user' || n || '@candlefish.example',
    demo_seed.one_of('{Ada,Ben,Chloe,David,Elif,Farid,Grace,Hugo,Ines,Jonas,Kaya,Liam,Mina,Noah,Olga,Priya}', demo_seed.u(n, 21))
        || ' ' || demo_seed.one_of('{Abel,Brandt,Chen,Diaz,Evans,Fischer,Garcia,Hansen,Ito,Jensen,Khan,Lopez,Meyer,Novak}', demo_seed.u(n, 22))
        || ' ' || n,
    case when demo_seed.u(n, 23) < 0.03 then 'admin' when demo_seed.u(n, 23) < 0.35 then 'editor' else 'viewer' end,
    case when n <= 1000 then 'active' when demo_seed.u(n, 24) < 0.88 then 'active'
         when demo_seed.u(n, 24) < 0.98 then 'inactive' else 'invited' end,
    '$2b$12$' || md5(n::text) || substr(md5((n + 1)::text), 1, 21),
    jsonb_build_object('theme', demo_seed.one_of('{light,dark,system}', demo_seed.u(n, 25)),
        'time_zone', demo_seed.one_of('{UTC,Europe/Berlin,America/New_York,Asia/Tokyo}', demo_seed.u(n, 26)),
        'notifications', jsonb_build_object('email', demo_seed.u(n, 27) < 0.6, 'digest', 'weekly')),
    demo_seed.anchor() - interval '90 days' * power(demo_seed.u(n, 28), 3),
    demo_seed.at(n, demo_seed.rows('users'), '900 days'),
    demo_seed.at(n, demo_seed.rows('users'), '400 days'),
    case when n > 1000 and demo_seed.u(n, 29) < 0.02 then demo_seed.anchor() - interval '20 days' end
from generate_series(1, demo_seed.rows('users')) n;
