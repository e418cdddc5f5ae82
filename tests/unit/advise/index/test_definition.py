"""Indexes as SQL."""

from candlefish.advise.index.definition import Index, Key
from candlefish.advise.statements import Table

ORDERS = Table("shop", 'Or"ders')


def test_an_index_with_everything_is_written_as_postgresql_reads_it() -> None:
    index = Index(
        ORDERS,
        (
            Key("a"),
            Key("B c", descending=True, nulls_first=False),
            Key(expression="lower(d)", opclass="text_pattern_ops"),
        ),
        include=("e",),
        where="f IS NULL",
        unique=True,
        options=(("fillfactor", "90"),),
    )
    assert index.render("ix", concurrently=True) == (
        'CREATE UNIQUE INDEX CONCURRENTLY "ix" ON "shop"."Or""ders" USING btree '
        '("a", "B c" DESC NULLS LAST, (lower(d)) text_pattern_ops) INCLUDE ("e") WITH (fillfactor = 90) WHERE f IS NULL'
    )


def test_the_place_of_nulls_is_left_out_where_it_is_the_default() -> None:
    assert Key("a", nulls_first=False).render() == '"a"'
    assert Key("a", descending=True, nulls_first=True).render() == '"a" DESC'
    assert Key("a", nulls_first=True).render() == '"a" NULLS FIRST'
