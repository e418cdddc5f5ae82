"""A table with columns of many types, and what is asked of it and of the shop."""

TYPES = """
CREATE SCHEMA other;
CREATE TYPE other.level AS ENUM ('low', 'HIGH');
CREATE TABLE other.types (
    id uuid PRIMARY KEY, net inet, mask bit(4), bits varbit, "Level" other.level, spans tstzrange, words tsvector,
    payload bytea, price numeric(10, 2), day date, flag boolean, codes int[], doc jsonb, label text, "Odd ""x"" y" text
);
INSERT INTO other.types
SELECT md5(i::text)::uuid, ('10.0.' || i % 250 || '.1')::inet, (i % 16)::bit(4), '101',
       (array['low', 'HIGH'])[1 + i % 2]::other.level,
       tstzrange('2026-01-01'::timestamptz + i * interval '1 hour', '2026-01-02'::timestamptz + i * interval '1 hour'),
       to_tsvector('simple', 'word' || i % 50 || ' thing'), 'x', i % 90, date '2026-01-01' + i % 300, i % 2 = 0,
       array[i % 10, i], jsonb_build_object('k', i % 7, 'n', 'it''s ' || i % 3), 'Label ''q'' 100% _' || i % 40,
       'o' || i
FROM generate_series(1, 3000) AS i;
ALTER TABLE other.types ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON other.types USING (price < 1000);
CREATE FUNCTION other.price_of(wanted uuid) RETURNS numeric LANGUAGE sql STABLE
AS $$ SELECT price FROM other.types WHERE id = wanted $$;
"""

STATEMENTS = r"""
select * from other.types where id = uuid 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'
select * from other.types where net = '10.0.3.1' and mask = B'0101' and bits = varbit '101'
select id from other.types where "Level" = 'HIGH' and "Odd ""x"" y" <> 'o5'
select id from other.types where spans @> timestamptz '2026-01-05' and spans && '[2026-01-01, 2026-02-01)'
select id from other.types where words @@ to_tsquery('simple', 'word5')
select id from other.types where payload = '\x00'::bytea and flag = true and codes @> array[3]
select id from other.types where doc @> '{"k": 3}' and label like 'Label%' and label ilike '%q%'
select day, count(*) from other.types where price between 5 and 9 and day > date '2026-03-01' group by day
select id from other.types where day >= now() - interval '3 days' order by id limit 7 offset 2
select id from other.types where lower(label) = 'x'
select id from other.types where id = any ('{c4ca4238-a0b9-2382-0dcc-509a6f75849b}'::uuid[])
select id from other.types where price in (1, 2, 3)
select id from other.types where price in (1, 2)
select date_trunc('month', day), sum(case when flag then 1 else 0 end) from other.types group by date_trunc('month',day)
select extract(month from day), count(*) from other.types group by 1
select count(*) from events where at >= '2026-01-10' and at < '2026-01-11' and kind = 7
select * from open_kunden where mood = 'happy' limit 3
update "Sales"."Kunden" set status = 'done' where id = 5 and mood = 'sad'
insert into orders (id, kunde, total) values (900001, 1, 5.5) on conflict (id) do update set total = 6
delete from orders where placed < timestamp with time zone '2020-01-01' and total = 3
select * from other.price_of('c4ca4238-a0b9-2382-0dcc-509a6f75849b')
with x as (select kunde, sum(total) t from orders group by kunde having sum(total) > 10) select * from x where t < 9e9
""".strip().splitlines()
"""One a line, as an application sends them."""
