"""B-trees: columns, their order, what is included, which rows."""

from cases.case import Case, one, table

_ORDERS = table(
    "orders",
    "customer int not null, status text not null, placed timestamptz not null, total numeric not null,"
    " note text, archived_at timestamptz",
    200_000,
    "(i::bigint * 7919) % 20000, case when i % 200 = 0 then 'open' else 'done' end,"
    " '2026-01-01'::timestamptz + (i::bigint * 104729 % 200000) * interval '1 minute', i % 9973, repeat('x', 80),"
    " case when i % 50 > 0 then '2026-06-01'::timestamptz end",
)

CASES = (
    Case(
        "single column",
        _ORDERS,
        "select * from orders where customer = 77;",
        one("create index on orders (customer)", "create index on orders using hash (customer)"),
    ),
    Case(
        "equality before range",
        _ORDERS,
        "select * from orders where status = 'open' and placed >= '2026-03-01' and placed < '2026-03-03';"
        "select * from orders where status = 'done' and placed >= '2026-04-01' and placed < '2026-04-02';",
        one(
            "create index on orders (status, placed)",
            "create index on orders (placed, status)",
            "create index on orders (placed)",
        ),
    ),
    Case(
        "newest of one customer",
        _ORDERS,
        "select * from orders order by placed desc limit 20;"
        "select * from orders where customer = 5 order by placed desc limit 3;",
        (
            ("create index on orders (placed)", "create index on orders (customer)"),
            ("create index on orders (placed)", "create index on orders (customer, placed)"),
            ("create index on orders (placed)",),
            ("create index on orders (customer, placed)",),
        ),
    ),
    Case(
        "mixed directions",
        _ORDERS,
        "select * from orders order by total, placed desc limit 50;",
        one("create index on orders (total, placed desc)", "create index on orders (total)"),
    ),
    Case(
        "nulls last",
        _ORDERS,
        "select id, archived_at from orders order by archived_at desc nulls last, id desc limit 10;",
        one(
            "create index on orders (archived_at desc nulls last, id desc)",
            "create index on orders (archived_at desc nulls last)",
        ),
    ),
    Case(
        "covering",
        _ORDERS,
        "select sum(total) from orders where placed >= '2026-02-01' and placed < '2026-02-20';",
        one(
            "create index on orders (placed) include (total)",
            "create index on orders (placed)",
            "create index on orders (placed, total)",
        ),
    ),
    Case(
        "rare constant",
        _ORDERS,
        "select id, customer from orders where status = 'open' order by placed limit 50;",
        one(
            "create index on orders (placed) where status = 'open'",
            "create index on orders (status, placed)",
            "create index on orders (status)",
        ),
    ),
    Case(
        "mostly null",
        _ORDERS,
        "select * from orders where archived_at is null and customer = 350;",
        one(
            "create index on orders (customer) where archived_at is null",
            "create index on orders (customer)",
            "create index on orders (customer, archived_at)",
        ),
    ),
    Case(
        "in list",
        _ORDERS,
        "select * from orders where customer in (5, 99, 1234, 18000);",
        one("create index on orders (customer)"),
    ),
    Case(
        "or of two columns",
        _ORDERS,
        "select * from orders where customer = 5 or total = 77 and status = 'open';",
        (
            ("create index on orders (customer)", "create index on orders (total)"),
            ("create index on orders (customer)", "create index on orders (total) where status = 'open'"),
            ("create index on orders (customer)", "create index on orders (total, status)"),
            ("create index on orders (customer)",),
        ),
    ),
    Case(
        "group by",
        _ORDERS,
        "select customer, count(*) from orders where customer between 100 and 200 group by customer;",
        one("create index on orders (customer)"),
    ),
    Case(
        "latest of each",
        table(
            "readings",
            "sensor int not null, at timestamptz not null, value float8",
            300_000,
            "i % 10, '2026-01-01'::timestamptz + i * interval '1 second', random()",
        ),
        "select s.sensor, r.* from generate_series(0, 9) as s(sensor),"
        " lateral (select at, value from readings where readings.sensor = s.sensor order by at desc limit 1) as r;",
        one(
            "create index on readings (sensor, at)",
            "create index on readings (sensor, at) include (value)",
            "create index on readings (at)",
        ),
    ),
    Case(
        "smallest and largest",
        _ORDERS,
        "select min(total), max(total) from orders;",
        one("create index on orders (total)"),
    ),
    Case(
        "keyset pages",
        _ORDERS,
        "select * from orders where (placed, id) < ('2026-03-01', 5000) order by placed desc, id desc limit 20;",
        one("create index on orders (placed, id)", "create index on orders (placed)"),
    ),
    Case(
        "two statements, one index",
        _ORDERS,
        "select * from orders where customer = 5;select * from orders where customer = 5 and placed > '2026-03-01';",
        one("create index on orders (customer)", "create index on orders (customer, placed)"),
    ),
    Case(
        "hash of a long text",
        table("pages", "url text not null, hits int", 100_000, "'https://example.com/' || repeat(md5(i::text), 4), i"),
        "select hits from pages where url = 'https://example.com/' || repeat(md5('777'), 4);",
        one("create index on pages using hash (url)", "create index on pages (url)"),
    ),
)
