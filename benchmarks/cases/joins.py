"""Joins, foreign keys, views, schemas, partitions."""

from cases.case import Case, one, table

_SHOP = table("customers", "email text not null, country int not null", 20_000, "'u' || i, i % 50") + table(
    "invoices",
    "customer bigint not null references customers, total int not null",
    200_000,
    "1 + (i::bigint * 7919) % 20000, i % 1000",
)

CASES = (
    Case(
        "join on a foreign key",
        _SHOP,
        "select c.email, i.total from customers c join invoices i on i.customer = c.id where c.id = 77;",
        one("create index on invoices (customer)", "create index on invoices (customer) include (total)"),
    ),
    Case(
        "anti join",
        _SHOP,
        "select c.id from customers c where c.country = 7 and c.id < 500"
        " and not exists (select from invoices i where i.customer = c.id and i.total > 990);",
        (
            ("create index on invoices (customer)",),
            ("create index on invoices (customer, total)",),
            ("create index on invoices (total)",),
            ("create index on invoices (customer) where total > 990",),
        ),
    ),
    Case(
        "view and common table expression",
        _SHOP + "create view totals as select customer, sum(total) as total from invoices group by customer;",
        "with wanted as (select id from customers where email = 'u77')"
        " select t.total from totals t join wanted w on w.id = t.customer;"
        "select total from totals where customer = 99;",
        (
            ("create index on customers (email)", "create index on invoices (customer)"),
            ("create index on customers (email)", "create index on invoices (customer) include (total)"),
            ("create index on invoices (customer)",),
        ),
    ),
    Case(
        "function in sql",
        _SHOP + "create function of(bigint) returns setof invoices language sql stable as"
        " 'select * from invoices where customer = $1';",
        "select * from of(77);",
        one("create index on invoices (customer)"),
    ),
    Case(
        "partitions",
        "create table events (at date not null, kind int not null, body text) partition by range (at);"
        + "".join(
            f"create table events_{month} partition of events for values from ('2026-{month:02}-01')"
            f" to ('2026-{month + 1:02}-01');"
            for month in range(1, 7)
        )
        + "insert into events select '2026-01-01'::date + i % 180, i % 5000, md5(i::text)"
        " from generate_series(1, 180000) as i;",
        "select * from events where kind = 77;",
        one("create index on events (kind)"),
    ),
    Case(
        "another schema",
        "create schema app; create schema old;"
        + table("app.items", "code int not null, body text", 100_000, "i % 20000, repeat('x', 100)")
        + table("old.items", "code int not null, body text", 100_000, "i % 20000, repeat('x', 100)"),
        "select * from app.items where code = 77;",
        one("create index on app.items (code)"),
    ),
    Case(
        "names in mixed case",
        'create schema "Verkauf";'
        'create table "Verkauf"."Aufträge" ("Nr" int primary key, "Straße" text, "order" text);'
        """insert into "Verkauf"."Aufträge" select i, 'Straße ' || i, repeat('x', 50)"""
        " from generate_series(1, 100000) as i;",
        """select "order" from "Verkauf"."Aufträge" where "Straße" = 'Straße 77';""",
        one(
            'create index on "Verkauf"."Aufträge" ("Straße")',
            'create index on "Verkauf"."Aufträge" using hash ("Straße")',
        ),
    ),
    Case(
        "foreign key of a deleted row",
        table("parents", "body text", 20_000, "md5(i::text)")
        + table(
            "children", "parent bigint not null references parents on delete cascade, body text", 200_000,
            "1 + i % 10000, repeat('x', 60)",
        ),
        "-- calls_per_hour: 500\ndelete from parents where id = 15000;",
        one("create index on children (parent)"),
    ),
)  # fmt: skip
