"""Which indexes are thought of, by what a statement asks: one test a kind."""

from dataclasses import replace

from tests.unit.advise.tables import catalog, column, table

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.candidates.propose import propose
from candlefish.advise.index.definition import ExistingIndex, Index, Key
from candlefish.advise.plans.explain import make_node
from candlefish.advise.plans.reading import read_accesses

T = table(
    column("id", distinct=100_000.0),
    column("customer", distinct=5000.0),
    column("status", "text", distinct=3.0, common=(("done", 0.9), ("open", 0.09), ("lost", 0.01)), width_bytes=5),
    column("at", "timestamptz", width_bytes=8, correlation=0.99),
    column("name", "varchar", width_bytes=30),
    column("body", "text", width_bytes=200),
    column("doc", "jsonb", width_bytes=100),
    column("tags", "_text", width_bytes=40),
    column("during", "int4range", width_bytes=14),
    column("gone", "timestamptz", null_ratio=0.97, not_null=False, width_bytes=8),
    column("is_hot", "bool", distinct=2.0, common=(("f", 0.99), ("t", 0.01)), width_bytes=1),
    primary_key=("id",),
)


def proposed(
    *conditions: str,
    sort: tuple[str, ...] = (),
    output: tuple[str, ...] = ("t.id",),
    facts: TableFacts = T,
    extensions: frozenset[str] = frozenset(),
) -> set[str]:
    """Return what follows USING in each index that a scan with these conditions brings up."""
    scan: dict[str, object] = {
        "Node Type": "Seq Scan", "Schema": "public", "Relation Name": "t", "Alias": "t", "Total Cost": 1,
        "Output": list(output),
    }  # fmt: skip
    if conditions:
        scan["Filter"] = "(" + " AND ".join(f"({one})" for one in conditions) + ")"
    plan = {"Node Type": "Sort", "Sort Key": list(sort), "Total Cost": 1, "Plans": [scan], "Output": list(output)}
    accesses = read_accesses(make_node(plan if sort else scan), {})
    fixed = frozenset(one.text for access in accesses for one in access.predicates)
    return {one.render().split(" USING ")[1] for one in propose(accesses, catalog(facts, extensions=extensions), fixed)}


def test_equality_stands_before_a_range() -> None:
    assert 'btree ("customer", "at")' in proposed("t.customer = 1", "t.at > '2026-01-01'::timestamptz")


def test_equality_stands_before_the_sort_keys_which_keep_their_directions() -> None:
    assert 'btree ("customer", "at", "id" DESC)' in proposed("t.customer = 1", sort=("t.at", "t.id DESC"))
    assert 'btree ("customer", "at", "id")' in proposed("t.customer = 1", sort=("t.at DESC", "t.id DESC"))
    assert 'btree ("gone" NULLS FIRST)' in proposed(sort=("t.gone DESC NULLS LAST",))


def test_a_sort_key_that_an_equality_fixes_is_left_out() -> None:
    assert 'btree ("customer", "at")' in proposed("t.customer = 1", sort=("t.customer", "t.at"))


def test_what_is_read_besides_is_included_where_it_is_little() -> None:
    assert 'btree ("customer") INCLUDE ("at")' in proposed("t.customer = 1", output=("t.at",))
    assert not any("INCLUDE" in one for one in proposed("t.customer = 1", output=("t.body",)))


def test_a_rare_constant_makes_a_partial_index_and_a_frequent_one_does_not() -> None:
    found = proposed("t.status = 'open'::text", "t.customer = 1")
    assert "btree (\"customer\") WHERE status = 'open'::text" in found
    assert not any("WHERE" in one for one in proposed("t.status = 'done'::text", "t.customer = 1"))


def test_a_flag_and_a_null_make_partial_indexes() -> None:
    assert 'btree ("at") WHERE "is_hot"' in proposed("t.is_hot", sort=("t.at",))
    assert 'btree ("gone") WHERE "gone" IS NOT NULL' in proposed("t.gone > '2026-01-01'::timestamptz")


def test_a_varchar_is_found_by_its_column_and_a_function_of_it_by_an_expression() -> None:
    assert 'btree ("name")' in proposed("(t.name)::text = 'x'::text")
    assert "btree ((lower((name)::text)))" in proposed("lower((t.name)::text) = 'x'::text")


def test_a_field_of_a_document_and_a_day_of_a_time_make_expressions() -> None:
    assert "btree ((doc ->> 'a'::text))" in proposed("(t.doc ->> 'a'::text) = 'b'::text")
    assert "btree ((((at AT TIME ZONE 'UTC'::text))::date))" in proposed(
        "((t.at AT TIME ZONE 'UTC'::text))::date = '2026-01-01'::date"
    )


def test_a_known_beginning_is_found_by_characters() -> None:
    assert 'btree ("name" varchar_pattern_ops)' in proposed("(t.name)::text ~~ 'abc%'::text")
    assert 'btree ("body" text_pattern_ops)' in proposed("t.body ~~ 'abc%'::text")


def test_a_part_in_the_middle_is_found_by_trigrams_where_they_are_installed() -> None:
    trgm = frozenset({"pg_trgm"})
    assert 'gin ("body" gin_trgm_ops)' in proposed("t.body ~~* '%abc%'::text", extensions=trgm)
    assert not any("gin" in one for one in proposed("t.body ~~* '%abc%'::text"))
    assert not any("gin" in one for one in proposed("t.body ~~* '%ab%'::text", extensions=trgm))


def test_what_lies_inside_a_value_is_found_by_gin_and_gist() -> None:
    assert 'gin ("doc" jsonb_path_ops)' in proposed("t.doc @> '{\"a\": 1}'::jsonb")
    assert 'gin ("doc")' in proposed("t.doc ? 'a'::text")
    assert 'gin ("tags")' in proposed("t.tags && '{a}'::text[]")
    assert 'gist ("during")' in proposed("t.during && '[1,5)'::int4range")
    assert "gin ((to_tsvector('english'::regconfig, body)))" in proposed(
        "to_tsvector('english'::regconfig, t.body) @@ '''x'''::tsquery"
    )


def test_a_column_in_the_tables_own_order_is_found_by_block_ranges() -> None:
    assert 'brin ("at")' in proposed("t.at > '2026-01-01'::timestamptz")
    assert not any(one.startswith("brin") for one in proposed("t.customer > 5"))


def test_long_values_are_found_by_their_hash() -> None:
    assert 'hash ("body")' in proposed("t.body = 'x'::text")
    assert not any(one.startswith("hash") for one in proposed("t.customer = 5"))


def test_each_branch_of_an_or_has_its_own() -> None:
    found = proposed("(t.customer = 1) OR (t.id = 2)")
    assert {'btree ("customer")', 'btree ("id")'} <= found


def test_pages_by_keyset_are_read_in_order() -> None:
    found = proposed("ROW(t.at, t.id) < ROW('2026-01-01'::timestamptz, 5)", sort=("t.at DESC", "t.id DESC"))
    assert 'btree ("at", "id")' in found


def test_aggregates_random_values_and_subplans_are_in_no_index() -> None:
    assert not any("sum" in one for one in proposed(sort=("(sum(t.id)) DESC",)))
    assert not any("random" in one for one in proposed("(random() * t.id) > 5"))


def test_nothing_is_proposed_for_a_small_table() -> None:
    assert proposed("t.id = 1", facts=table(column("id"), rows=100)) == set()


def test_what_is_there_is_not_proposed_again() -> None:
    there = [
        Index(T.table, (Key("customer"), Key("at"))),
        Index(T.table, (Key("tags"),), method="gin"),
    ]
    facts = replace(
        T, indexes=tuple(ExistingIndex(f"i{at}", "public", at, one, "", 0, 0) for at, one in enumerate(there))
    )
    found = proposed("t.customer = 1", "t.tags && '{a}'::text[]", facts=facts)
    assert 'btree ("customer")' not in found
    assert 'gin ("tags")' not in found
    assert 'gin ("tags")' in proposed("t.tags && '{a}'::text[]")
