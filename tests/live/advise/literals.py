"""A table with a column of every type, tables with awkward names, and statements with every kind of literal."""

SETUP = r"""
CREATE TYPE mood AS ENUM ('happy; sad', 'it''s');
CREATE TYPE address AS (city text);
CREATE TABLE lit (
    x int, d date, ts timestamptz, iv interval, b bytea, arr int[], words text[], j jsonb, r int4range, u uuid,
    net inet, n numeric, t text, bits bit varying, big bigint, flag bool, place point, mac macaddr, price money,
    tm time, tmz timetz, mood mood, live_at address[]
);
INSERT INTO lit
SELECT i, date '2026-01-01' + i % 900, timestamptz '2026-01-01' + i * interval '1 min', i * interval '1 min',
       decode(md5(i::text), 'hex'), array[i, 2, 3], array['w' || i], jsonb_build_object('k', 'v' || i, 'a', i),
       int4range(i, i + 3), md5(i::text)::uuid, ('10.' || i % 200 || '.' || i % 250 || '.5')::inet, i, 'text ' || i,
       i::bit(20)::varbit, i, i % 100 = 0, point(i, i), '08:00:2b:01:02:03', i::money,
       time '00:00' + i * interval '1 s', '04:05:06+02', 'it''s', null
FROM generate_series(1, 1500) AS i;
CREATE TABLE "Mixed Case" AS SELECT i AS "Id ""q"" x" FROM generate_series(1, 20000) AS i;
CREATE TABLE "select" AS SELECT i AS "from" FROM generate_series(1, 20000) AS i;
CREATE TABLE "order" AS SELECT i::text AS "user" FROM generate_series(1, 20000) AS i;
CREATE TABLE "Übung" AS SELECT i AS größe FROM generate_series(1, 20000) AS i;
CREATE TABLE data AS SELECT i AS x FROM generate_series(1, 20000) AS i;
"""

STATEMENTS = (
    "select x from lit where d = date '2026-01-05'",
    "select x from lit where ts >= timestamptz '2026-01-05 10:00+02' and ts < '2026-01-06'::timestamptz",
    "select x from lit where ts = '-infinity' or d = 'infinity'",
    "select x from lit where iv = interval '1 day 2:03:04' or iv > 'P1Y2M'",
    r"select x from lit where b = '\xdeadbeef'::bytea",
    r"select x from lit where b = E'\\xdeadbeef' and x > 0",
    "select x from lit where arr = array[1,2,3]",
    "select x from lit where arr && '{1,2,3}'::int[]",
    """select x from lit where words @> '{"a;b","c\\"d",NULL}'""",
    """select x from lit where j @> '{"a": {"b": [1, "it''s; ok"]}}'""",
    "select x from lit where j ->> 'k' = 'v;--x'",
    "select x from lit where j @? '$.a[*] ? (@ > 2)'",
    "select x from lit where j ? 'k?;' or j ?| array['a', 'b']",
    "select x from lit where r = int4range(1, 5)",
    "select x from lit where r @> 3 and r && '[2,9)'::int4range",
    "select x from lit where u = 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'",
    "select x from lit where net = inet '10.0.0.5' or net << '10.1.0.0/16'",
    "select x from lit where n = 12345678901234567890.123456789",
    "select x from lit where n = 1.5e3 and n < .5 and n > -5.",
    "select x from lit where n = 'NaN'::numeric or big = -9223372036854775808",
    r"select x from lit where t = E'tab\t\'quote\' back\\slash; semi'",
    "select x from lit where t = $$dollar 'quoted'; text$$ and flag",
    "select x from lit where t = $tag_1$nested $$ 'x'; $tag_1$ and not flag",
    r"select x from lit where t = U&'d\0061t\+000061' and x = 1",
    "select x from lit where t = U&'d!0061t!+000061' UESCAPE '!' and x = 2",
    "select x from lit where t = 'Grüße 日本語 🐟 ''quoted''; --not a comment /* nor this */' and x = 3",
    "select x from lit where t = 'line\u2028separator\x0b\x0c and\n\\echo lines\n  \\of its own' and x = 4",
    "select x from lit where t = 'two'\n  ' parts' and x = 5",
    "select x from lit where t = N'national' and x = 6",
    "select x from lit where bits = B'1010' or bits = X'A'",
    "select x from lit where place <@ box '((0,0),(1,1))'",
    "select x from lit where mac = '08:00:2b:01:02:03'::macaddr and price = '$1,234.56'::money",
    "select x from lit where tm = time '04:05:06' and tmz = '04:05:06+02'::timetz",
    "select x from lit where mood = 'happy; sad'::mood and live_at[1].city = 'x'",
    r"select x from lit where t like '100\%%' escape '\' and x = 7",
    r"select x from lit where t similar to '%(b|d)%' and t !~ '^\d+$' and x = 8",
    "select x from lit where x is null and t is not distinct from 'null' and t <> 'x?y'",
    "select x from lit where t = 'a' -- trailing; comment's\n  and d > '2026-01-01'",
    'select * from "Mixed Case" where "Id ""q"" x" = 5',
    'select * from "select" where "from" = 7',
    """select "order"."user" from "order" where "order"."user" = 'a' /* nested /* comment; */ it's */ and 1 = 1""",
    'select * from "Übung" where größe = 3',
    r'select * from U&"d\0061ta" where x = 9',
    r"insert into lit (t, d) values ('x;y', default), (E'a\nb', '2026-02-02') on conflict do nothing",
    """update lit set t = 'z', j = j || '{"a": ";"}' where u = 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'""",
    "delete from only lit where iv > 'P1Y2M' and t = ''",
    "merge into lit using (values (1)) v(q) on lit.x = v.q when matched then update set t = 'm'",
    "with w as materialized (select * from lit where t = 'w;') select x from w where d = current_date - 1",
    "table data",
)
"""Each in the form of its own: none differs from another in literals alone."""

BAD = {
    "select x from lit where t = 'bad' and nosuch = 5": 'column "nosuch" does not exist',
    "select x from nowhere where t = 'it''s; bad'": 'relation "nowhere" does not exist',
    "select x from lit where d = 'no date'": 'invalid input syntax for type date: "no date"',
    "begin": "it has no plan",
    "select x from lit where t = $1 and d = $2": "it has parameters",
}
"""What can't be analysed, and why."""
