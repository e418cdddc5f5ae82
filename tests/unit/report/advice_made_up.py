"""An advice with made-up figures, for tests of what is printed."""

from dataclasses import replace

from candlefish.advise.advice import Advice, Effect, Recommendation, Regression, Withheld, WritePrice
from candlefish.advise.statements import Skipped, Table
from candlefish.results import Finding

ORDERS = Table("Shop", 'or"ders')

BEFORE = """\
Limit  (cost=5230 rows=20; actual rows=20 loops=1)
  -> Sort  (cost=5230 rows=1043; actual rows=20 loops=1)
       Sort Key: o.at DESC
    -> Hash Join  (cost=5120 rows=1043; actual rows=998 loops=1)
         Hash Cond: (o.user_id = u.id)
      -> Seq Scan on or"ders o  (cost=4500 rows=1043; actual rows=998 loops=1)
           Filter: (o.status = 'open <&> unpaid'::text)
           Rows Removed by Filter: 199002
      -> Hash  (cost=310 rows=10000; actual rows=10000 loops=1)
        -> Seq Scan on users u  (cost=310 rows=10000; actual rows=10000 loops=1)"""

AFTER = """\
Limit  (cost=32 rows=20; actual rows=20 loops=1)
  -> Nested Loop  (cost=1630 rows=1043; actual rows=20 loops=1)
    -> Index Scan using cf_orders_at_1f2e3d on or"ders o  (cost=812 rows=1043; actual rows=20 loops=1)
    -> Index Scan using users_pkey on users u  (cost=1 rows=1; actual rows=1 loops=20)
         Index Cond: (u.id = o.user_id)"""

LISTING = (
    'SELECT o.id, u.name, o.total\n  FROM "Shop"."or""ders" o JOIN users u ON u.id = o.user_id\n'
    " WHERE o.status = 'open <&> unpaid'\n ORDER BY o.at DESC LIMIT 20"
)


def effect(number: int, text: str, before_ms: float, after_ms: float, calls: float = 1200.0) -> Effect:
    return Effect(
        f"{number:012x}", text, calls, before_ms * 100, after_ms * 100, before_ms, after_ms,
        round(before_ms * 90), round(after_ms * 20), BEFORE, AFTER, 7, (0.04, 0.11),
    )  # fmt: skip


PRICE = WritePrice(61.0, 1.31, 1.0, 0.94, 0.94, 410.0, 1_830_000.0, True)

CREATE = Recommendation(
    id="1f2e3d",
    kind="create index",
    table=ORDERS,
    name="cf_orders_at_1f2e3d",
    statement='CREATE INDEX CONCURRENTLY "cf_orders_at_1f2e3d" ON "Shop"."or""ders" USING btree ("at" DESC) '
    "WHERE status = 'open <&> unpaid'::text",
    undo='DROP INDEX CONCURRENTLY IF EXISTS "Shop"."cf_orders_at_1f2e3d"',
    reason="a b-tree of the rows alone where status = 'open <&> unpaid'; 2 statements would use it",
    size_bytes=1_310_720,
    before_ms=51_600.0,
    after_ms=372.0,
    measured=True,
    confidence="high",
    write_price=PRICE,
    build_s=0.82,
    effects=(
        effect(1, LISTING, 42.0, 0.21),
        effect(2, 'SELECT count(*) FROM "Shop"."or""ders" WHERE status = \'open <&> unpaid\'', 1.0, 0.1),
    ),
)

JOIN = replace(
    CREATE,
    id="77aa01",
    name="cf_order_lines_order_id_product_id_77aa01",
    table=Table("public", "order_lines"),
    statement='CREATE INDEX CONCURRENTLY "cf_order_lines_order_id_product_id_77aa01" ON "public"."order_lines" '
    'USING btree ("order_id", "product_id") INCLUDE ("quantity", "price")',
    undo='DROP INDEX CONCURRENTLY IF EXISTS "public"."cf_order_lines_order_id_product_id_77aa01"',
    reason="a b-tree with quantity, price included, so that the table need not be visited; 1 statement would use it",
    size_bytes=48_000_000,
    before_ms=310_000.0,
    after_ms=2_500.0,
    confidence="medium",
    write_price=replace(
        PRICE, ms_per_hour=5_100.0, wal_bytes_per_hour=22e6, hot_ratio_after=0.41, wal_factor_update=2.2
    ),
    effects=(effect(3, "SELECT sum(quantity * price) FROM order_lines WHERE order_id = $1", 3.1, 0.025, 100_000.0),),
)

DROP = Recommendation(
    id="d00d1e",
    kind="drop index",
    table=Table("public", "users"),
    name="users_email_idx",
    statement='DROP INDEX CONCURRENTLY "public"."users_email_idx"',
    undo="CREATE INDEX CONCURRENTLY users_email_idx ON public.users USING btree (email)",
    reason="duplicate: the same as users_email_key, which stays (it holds a constraint)",
    size_bytes=-9_400_000,
    before_ms=None,
    after_ms=None,
    measured=False,
    confidence="high",
    write_price=None,
)

MADE_UP = Advice(
    database="shop <test>",
    server_version="15.18",
    source="pg_stat_statements",
    statements=124,
    recommendations=(DROP, CREATE, JOIN),
    withheld=(
        Withheld(
            'CREATE INDEX CONCURRENTLY ON "public"."sessions" USING btree ("last_seen")',
            "the workload would be slower as a whole: HOT updates fall from 97 % to 0 %",
            (),
            WritePrice(40.0, 1.2, 6.1, 0.97, 0.0, 92_000.0, 310e6, True),
        ),
    ),
    findings=(
        Finding("sequence public.events_id_seq", "critical", "93% of its values are drawn", "change it to bigint"),
        Finding("index public.users_email_idx", "warning", "duplicate: the same as users_email_key", DROP.statement),
        Finding("table public.<b>", "info", "never analysed", 'ANALYZE "public"."<b>"'),
    ),
    regressions=(Regression("9", "SELECT *\nFROM users WHERE name ILIKE '%<script>%'", 1.2, 1.6),),
    skipped=(Skipped("SELECT $1 FROM", "syntax error at end of input"),),
    left_out=("HypoPG is not installed on the server: the scratch copy has it",),
    before_cost=1e6,
    after_cost=2e5,
    before_ms=402_000.0,
    after_ms=38_000.0,
    seconds=41.3,
    lab="full copy",
    counts={"candidates": 214, "what-if questions": 3180, "builds": 9, "runs": 412},
)

ESTIMATED = replace(
    MADE_UP,
    recommendations=(
        replace(
            CREATE,
            measured=False,
            confidence="low",
            before_ms=None,
            after_ms=None,
            write_price=replace(PRICE, measured=False),
            build_s=None,
            effects=tuple(
                replace(one, before_ms=None, after_ms=None, before_buffers=None, after_buffers=None, runs=0)
                for one in CREATE.effects
            ),
        ),
    ),
    before_ms=None,
    after_ms=None,
    lab="",
    regressions=(),
    withheld=(),
)

NOTHING = Advice("shop", "13.4", "FILE.sql", 1, ())
