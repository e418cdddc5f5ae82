-- What every table's generator is made of. All of it is a function of (seed, scale, anchor) alone, so that the same
-- three give the same rows; nothing here reads a clock or random(). The loader fills in the three names in braces.

-- A number in [0, 1) that depends on the row, the column's salt and the seed.
create function demo_seed.u(n bigint, salt integer) returns double precision
language sql immutable parallel safe as
$$ select (hashint8extended(n, (salt::bigint << 32) + {seed}) & 9007199254740991) / 9007199254740992.0::double precision $$;

-- The key of row n of a table; candlefish.demo.keys computes the same on the client.
create function demo_seed.key(relation text, n bigint) returns uuid
language sql immutable parallel safe as $$ select md5(relation || ':' || n::text)::uuid $$;

-- A rank in 1..items, Zipf with exponent 0.99 (the inverse of the continuous distribution function).
create function demo_seed.zipf(items bigint, u double precision) returns bigint
language sql immutable parallel safe as
$$ select least(items, floor(power((power(items + 1, 0.01) - 1) * u + 1, 100))::bigint) $$;

-- A rank in 1..items, leaning towards the low ranks as u^lean does: milder than Zipf, for owners and parents.
create function demo_seed.lean(items bigint, u double precision, lean double precision) returns bigint
language sql immutable parallel safe as $$ select 1 + floor(items * power(u, lean))::bigint $$;

-- How many rows a table gets.
create function demo_seed.rows(relation text) returns bigint
language sql immutable parallel safe as $$ select case relation {rows} end::bigint $$;

-- The time of the newest row.
create function demo_seed.anchor() returns timestamptz
language sql immutable parallel safe as $$ select timestamptz '{anchor}' $$;

-- The time of row n of a series of `items` that ends at the anchor and began `span` before.
-- (stable, as timestamptz minus interval is: an immutable function around it would not be inlined)
create function demo_seed.at(n bigint, items bigint, span interval) returns timestamptz
language sql stable parallel safe as
$$ select demo_seed.anchor() - span * ((items - n)::double precision / items) $$;

-- One of the words, uniformly.
create function demo_seed.one_of(words text[], u double precision) returns text
language sql immutable parallel safe as $$ select words[1 + floor(array_length(words, 1) * u)::integer] $$;

create function demo_seed.org_of_user(n bigint) returns bigint
language sql immutable parallel safe as
$$ select demo_seed.zipf(demo_seed.rows('organizations'), demo_seed.u(n, 1)) $$;

create function demo_seed.org_of_service(n bigint) returns bigint
language sql immutable parallel safe as
$$ select demo_seed.zipf(demo_seed.rows('organizations'), demo_seed.u(n, 2)) $$;

create function demo_seed.owner_of_dashboard(n bigint) returns bigint
language sql immutable parallel safe as
$$ select demo_seed.lean(demo_seed.rows('users'), demo_seed.u(n, 3), 1.5) $$;

create function demo_seed.org_of_agent(n bigint) returns bigint
language sql immutable parallel safe as
$$ select demo_seed.zipf(demo_seed.rows('organizations'), demo_seed.u(n, 4)) $$;
