"""The shop's tables and rows."""

SHOP = """
CREATE EXTENSION hypopg;
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA "Sales";
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE "Sales"."Kunden" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Größe" int, email text NOT NULL, name varchar(40), mood mood,
    doc jsonb, tags text[], during int4range, created timestamptz NOT NULL, deleted_at timestamptz,
    status text NOT NULL,
    "Name ""k"" x" text GENERATED ALWAYS AS (left(name, 8)) STORED
);
INSERT INTO "Sales"."Kunden" ("Größe", email, name, mood, doc, tags, during, created, deleted_at, status)
SELECT i % 200, 'user' || i || '@example.com', 'Name ' || md5(i::text), (array['sad', 'ok', 'happy'])[1 + i % 3]::mood,
       jsonb_build_object('plan', (array['free', 'pro'])[1 + i % 2], 'city', 'c' || i % 500), array['t' || i % 1000],
       int4range(i, i + 10), '2026-01-01'::timestamptz + i * interval '1 minute',
       CASE WHEN i % 20 < 19 THEN '2026-06-01'::timestamptz END, CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'done' END
FROM generate_series(1, 60000) AS i;
CREATE TABLE orders (
    id bigint PRIMARY KEY, kunde bigint REFERENCES "Sales"."Kunden" (id), total numeric, placed timestamptz
);
INSERT INTO orders
SELECT i, 1 + (i::bigint * 7919) % 60000, i % 1000, '2026-01-01'::timestamptz + i * interval '1 minute'
FROM generate_series(1, 90000) AS i;
CREATE INDEX orders_total ON orders (total DESC NULLS LAST, placed) INCLUDE (kunde) WHERE total > 990;
CREATE TABLE events (at timestamptz NOT NULL, kind int, body text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO events SELECT '2026-01-01'::timestamptz + i * interval '1 minute', i % 1000, md5(i::text)
FROM generate_series(1, 70000) AS i;
CREATE VIEW open_kunden AS SELECT * FROM "Sales"."Kunden" WHERE deleted_at IS NULL;
"""
