"""Where no index must be advised."""

from cases.case import Case, table

_COUNTERS = (
    "create table counters (id bigint primary key, hits int not null, body text) with (fillfactor = 70);"
    "insert into counters select i, i % 1000, repeat('x', 40) from generate_series(1, 60000) as i;"
)

CASES = (
    Case(
        "small table",
        table("codes", "code text, label text", 60, "'c' || i, 'x'"),
        "select * from codes where code = 'c7';",
    ),
    Case(
        "half of the rows",
        table("flags", "is_set bool not null, body text", 100_000, "i % 2 = 0, repeat('x', 60)"),
        "select count(body) from flags where is_set;",
    ),
    Case(
        "indexed already",
        table("users", "email text not null", 100_000, "'u' || i", "create index on users (email);"),
        "select * from users where email = 'u77'; select * from users where id = 5;",
    ),
    Case(
        "updated far more than read",
        _COUNTERS,
        "-- calls_per_hour: 1\nselect count(*) from counters where hits between 5 and 9;\n"
        "-- calls_per_hour: 5000000\nupdate counters set hits = hits + 1 where id = 7;",
    ),
    Case(
        "written far more than read",
        table("audit", "who int not null, body text", 100_000, "i % 1000, repeat('x', 40)"),
        "-- calls_per_hour: 1\nselect count(*) from audit where who = 7;\n"
        "-- calls_per_hour: 20000000\ninsert into audit (who, body) values (7, 'x');",
    ),
)
