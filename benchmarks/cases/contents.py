"""Expressions, patterns, documents, arrays, texts, ranges, blocks."""

from cases.case import Case, one, table

_PEOPLE = table(
    "people",
    "email text not null, name text not null, bio text, born date, doc jsonb not null, tags text[] not null,"
    " seen timestamptz not null",
    100_000,
    "'User' || i || '@Example.com', md5(i::text), 'likes ' || md5((i % 5000)::text) || ' and ' || md5(i::text),"
    " '1950-01-01'::date + i % 20000, jsonb_build_object('city', 'c' || i % 2000, 'plan', 'p' || i % 3, 'n', i),"
    " array['t' || i % 3000, 'u' || i % 11], '2026-01-01'::timestamptz + (i * 7919 % 100000) * interval '1 minute'",
)

CASES = (
    Case(
        "lower case",
        _PEOPLE,
        "select * from people where lower(email) = 'user77@example.com';",
        one("create index on people (lower(email))", "create index on people using hash (lower(email))"),
    ),
    Case(
        "field of a document",
        _PEOPLE,
        "select id from people where doc ->> 'city' = 'c77';",
        one(
            "create index on people ((doc ->> 'city'))",
            "create index on people using hash ((doc ->> 'city'))",
            "create index on people using gin (doc jsonb_path_ops)",
        ),
    ),
    Case(
        "cast of a field",
        _PEOPLE,
        "select id from people where (doc ->> 'n')::int between 500 and 520;",
        one("create index on people (((doc ->> 'n')::int))"),
    ),
    Case(
        "day in a time zone",
        _PEOPLE,
        "select count(*) from people where (seen at time zone 'Europe/Berlin')::date = '2026-02-03';",
        one("create index on people (((seen at time zone 'Europe/Berlin')::date))"),
    ),
    Case(
        "beginning of a text",
        _PEOPLE,
        "select * from people where name like 'c4ca%';",
        one("create index on people (name text_pattern_ops)", 'create index on people (name collate "C")'),
    ),
    Case(
        "part of a text",
        "create extension pg_trgm;" + _PEOPLE,
        "select id from people where bio ilike '%c4ca4238%';",
        one(
            "create index on people using gin (bio gin_trgm_ops)",
            "create index on people using gist (bio gist_trgm_ops)",
        ),
    ),
    Case(
        "part of a document",
        _PEOPLE,
        """select id from people where doc @> '{"city": "c77", "plan": "p2"}';""",
        one("create index on people using gin (doc jsonb_path_ops)", "create index on people using gin (doc)"),
    ),
    Case(
        "member of an array",
        _PEOPLE,
        "select id from people where tags @> array['t77'];",
        one("create index on people using gin (tags)"),
    ),
    Case(
        "full text",
        _PEOPLE,
        "select id from people where to_tsvector('english', bio) @@ to_tsquery('english',"
        " 'c4ca4238a0b923820dcc509a6f75849b');",
        one("create index on people using gin (to_tsvector('english', bio))"),
    ),
    Case(
        "overlapping ranges",
        table("bookings", "room int, during tsrange not null", 60_000,
              "i % 300, tsrange('2026-01-01'::timestamp + i * interval '10 minutes',"
              " '2026-01-01'::timestamp + (i + 3) * interval '10 minutes')"),
        "select * from bookings where during && tsrange('2026-05-01 10:00', '2026-05-01 11:00');",
        one("create index on bookings using gist (during)"),
    ),
    Case(
        "blocks in the order of time",
        table("log", "at timestamptz not null, line text", 500_000,
              "'2026-01-01'::timestamptz + i * interval '10 seconds', md5(i::text)"),
        "select count(*) from log where at >= '2026-02-01' and at < '2026-02-05';",
        one("create index on log using brin (at)", "create index on log using brin (at) with (pages_per_range = 32)",
            "create index on log (at)"),
    ),
)  # fmt: skip
