from dataclasses import replace

import pytest
from tests.unit.advise.lints.made_up import ORDERS, USERS, database, index, orders, to_users, users, workload
from tests.unit.advise.tables import column, table

from candlefish.advise.catalog.model import ForeignKey
from candlefish.advise.index.definition import ExistingIndex, Key
from candlefish.advise.lints.foreign_keys import check_foreign_keys
from candlefish.advise.lints.result import LintResult
from candlefish.advise.statements import Table, Workload, Writes

NOTHING_KNOWN = Workload("file", 1.0, ())
KEY = to_users("user_id")


def check(*indexes: ExistingIndex, key: ForeignKey = KEY, known: Workload = NOTHING_KNOWN) -> LintResult:
    return check_foreign_keys(database(orders(*indexes), users(), keys=[key]), known)


def test_a_foreign_key_without_an_index_is_found_with_its_candidate() -> None:
    found = check(index("other", "status"))
    assert [one.render() for one in found.foreign_keys] == ['CREATE INDEX ON "public"."orders" USING btree ("user_id")']
    assert found.unindexed == (KEY,)
    assert found.findings[0].subject == "foreign key orders_user_fk of public.orders"


@pytest.mark.parametrize(
    "index",
    [
        index("a", "user_id"),
        index("a", "user_id", "status"),
        index("a", Key("user_id", descending=True)),
        index("a", "user_id", where="(user_id IS NOT NULL)"),
        index("a", "user_id", where='"user_id" IS NOT NULL'),
        index("a", "user_id", method="hash"),
        index("a", "user_id", "status", method="gist", constraint="no_overlap"),
        index("a", "user_id", "tenant_id", unique=True, constraint="pk"),
    ],
)
def test_an_index_that_finds_its_rows_serves_a_foreign_key(index: ExistingIndex) -> None:
    assert check(index) == LintResult()


@pytest.mark.parametrize(
    "index",
    [
        index("a", "status", "user_id"),
        index("a", "user_id", valid=False),
        index("a", "user_id", where="status = 1"),
        index("a", "user_id", where="(user_id IS NOT NULL) AND (status = 1)"),
        index("a", "user_id", where="(status IS NOT NULL)"),
        index("a", Key(expression="user_id + 0")),
        index("a", Key("user_id", collation='"C"')),
        index("a", "user_id", method="brin"),
        index("a", "user_id", method="gin"),
        index("a", Key("user_id", opclass="gist_trgm_ops"), method="gist"),
    ],
)
def test_an_index_that_does_not_find_all_its_rows_does_not(index: ExistingIndex) -> None:
    assert len(check(index).foreign_keys) == 1


def test_columns_of_a_composite_key_may_stand_in_any_order_but_first() -> None:
    few = {name: column(name, distinct=3) for name in ("user_id", "tenant_id", "status")}
    for keys, served in ((("tenant_id", "user_id", "status"), True), (("user_id", "status", "tenant_id"), False)):
        of = replace(orders(index("a", *keys)), columns=few)
        found = check_foreign_keys(database(of, users(), keys=[to_users("user_id", "tenant_id")]), NOTHING_KNOWN)
        assert (not found.foreign_keys) == served


def test_an_index_on_a_part_of_the_key_that_few_rows_share_is_enough() -> None:
    key = to_users("tenant_id", "user_id")
    assert check(index("a", "user_id"), key=key) == LintResult()


def test_a_small_table_is_left_in_peace() -> None:
    small = database(orders(rows=1000), users(), keys=[KEY])
    assert check_foreign_keys(small, NOTHING_KNOWN) == LintResult()


def junction() -> tuple[ForeignKey, ...]:
    link = Table("public", "link")
    return (
        ForeignKey("link_user", link, ("user_id",), USERS, ("id",)),
        ForeignKey("link_order", link, ("order_id",), ORDERS, ("id",)),
    )


def linked(known: Workload) -> LintResult:
    key = index("link_pk", "user_id", "order_id", on=Table("public", "link"), unique=True, constraint="link_pk")
    link = table(
        column("user_id"), column("order_id", distinct=10), name="link", indexes=(key,),
        primary_key=("user_id", "order_id"),
    )  # fmt: skip
    return check_foreign_keys(database(orders(), users(), link, keys=junction()), known)


def test_a_junction_table_is_left_in_peace_while_nothing_deletes_from_the_other_side() -> None:
    assert linked(workload(orders=Writes(inserts_per_hour=5))) == LintResult()
    assert linked(NOTHING_KNOWN) == LintResult()


def test_a_junction_table_needs_the_index_when_the_other_side_loses_rows() -> None:
    assert [one.columns for one in linked(workload(orders=Writes(deletes_per_hour=5))).foreign_keys] == [("order_id",)]


def test_where_nothing_deletes_there_is_a_note_and_no_candidate() -> None:
    found = check(known=workload(users=Writes(inserts_per_hour=5)))
    assert found.foreign_keys == ()
    assert [one.severity for one in found.findings] == ["info"]


@pytest.mark.parametrize(
    "known",
    [
        workload(users=Writes(deletes_per_hour=1)),
        workload(users=Writes(updates_per_hour=9, updated={"id": 1.0})),
        workload(("delete", "DELETE FROM users WHERE id = 1")),
        workload(("delete", 'delete from only "public" . "users" where id = $1')),
        workload(("delete", "WITH gone AS (DELETE FROM public.Users RETURNING *) SELECT * FROM gone")),
        workload(("merge", "MERGE INTO users USING x ON true WHEN MATCHED THEN DELETE")),
    ],
)
def test_deletes_and_renumbered_keys_make_a_candidate(known: Workload) -> None:
    assert len(check(known=known).foreign_keys) == 1


@pytest.mark.parametrize(
    "known",
    [
        workload(users=Writes(updates_per_hour=9, updated={"tenant_id": 9.0})),
        workload(("delete", "DELETE FROM other WHERE id = 'delete from users'")),
        workload(("delete", 'DELETE FROM "Users"')),
    ],
)
def test_writes_that_do_not_touch_the_key_make_none(known: Workload) -> None:
    assert check(known=known).foreign_keys == ()


def test_a_cascade_deletes_too() -> None:
    tenants = Table("public", "tenants")
    up = ForeignKey("users_tenant", USERS, ("tenant_id",), tenants, ("id",), on_delete="cascade")
    tables = (orders(), users(index("t", "tenant_id", on=USERS)), table(column("id"), name="tenants"))
    found = check_foreign_keys(database(*tables, keys=[KEY, up]), workload(tenants=Writes(deletes_per_hour=1)))
    assert found.unindexed == (KEY,)


def test_many_nulls_are_left_out_of_the_index() -> None:
    of = orders()
    of = replace(of, columns={**of.columns, "user_id": column("user_id", null_ratio=0.9)})
    (found,) = check_foreign_keys(database(of, users(), keys=[KEY]), NOTHING_KNOWN).foreign_keys
    assert found.where == '"user_id" IS NOT NULL'
