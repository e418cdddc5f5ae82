"""`candlefish advise` from end to end, on the shop."""

import json
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from candlefish.advise.advice import Advice
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.cli.main import add_commands, app

pytestmark = [pytest.mark.live, pytest.mark.slow]

STATEMENTS = """
-- calls_per_hour: 600
select * from "Sales"."Kunden" where email = 'user77@example.com';
select id from "Sales"."Kunden" where lower(email) = 'user79@example.com';
select id from "Sales"."Kunden" where doc ->> 'city' = 'c33';
select id from "Sales"."Kunden" where tags && array['t3'];
select id from "Sales"."Kunden" where during && int4range(5, 8);
select id, created from "Sales"."Kunden" where status = 'pending' order by created desc limit 20;
select count(*) from open_kunden where "Größe" = 5;
select * from orders where kunde = 5 order by placed desc limit 5;
select count(*) from events where kind = 7;
select id from "Sales"."Kunden" where "Name ""k"" x" like 'Name c4c%';
select * from orders where id = 5;
select wrong from nowhere;
update orders set total = 5 where id = 7;
"""


@pytest.fixture(scope="module")
def advice(shop: str, tmp_path_factory: pytest.TempPathFactory) -> Advice:
    file = tmp_path_factory.mktemp("workload") / "statements.sql"
    file.write_text(STATEMENTS)
    return advise(shop, AdviseOptions(workload=file))


def on(advice: Advice) -> str:
    return "\n".join(one.statement.split(" ON ")[1] for one in advice.recommendations)


@pytest.mark.parametrize(
    "expected",
    [
        '"Sales"."Kunden" USING btree ("email")',
        "(lower(email))",
        "((doc ->> 'city'::text))",
        '"Sales"."Kunden" USING gin ("tags")',
        '"Sales"."Kunden" USING gist ("during")',
        '"public"."orders" USING btree ("kunde"',
        '"public"."events" USING btree ("kind")',
        "WHERE status = 'pending'::text",
    ],
)
def test_every_kind_of_question_finds_its_kind_of_index(advice: Advice, expected: str) -> None:
    assert expected in on(advice)


def test_what_is_advised_was_built_and_measured_and_is_faster(advice: Advice) -> None:
    assert advice.lab == "full copy"
    for one in advice.recommendations:
        assert one.measured
        assert one.size_bytes > 0
        assert one.effects
        assert one.before_ms is not None
        assert one.after_ms is not None
        assert one.after_ms < one.before_ms
        assert "Scan" in one.effects[0].after_plan


def test_what_has_its_index_already_gets_none(advice: Advice) -> None:
    assert '"orders" USING btree ("id")' not in on(advice)


def test_a_statement_that_cannot_be_planned_is_reported_and_stops_nothing(advice: Advice) -> None:
    assert [one.reason for one in advice.skipped] == ['relation "nowhere" does not exist']


def test_the_write_price_is_measured(advice: Advice) -> None:
    prices = [one.write_price for one in advice.recommendations]
    assert all(price is not None and price.measured for price in prices)
    by_table = {one.table.name: one.write_price for one in advice.recommendations}
    orders = by_table["orders"]
    assert orders is not None
    assert orders.wal_factor_insert > 1.1


def test_the_database_is_as_it_was(advice: Advice, shop: str) -> None:
    with psycopg.connect(shop) as connection:
        row = connection.execute("select count(*) from pg_indexes where indexname like 'cf_%'").fetchone()
    assert row == (0,)
    assert advice.recommendations


def test_statements_that_the_server_counted_are_advised_on_without_their_constants(shop: str) -> None:
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("select pg_stat_statements_reset()")
        for number in range(20):
            connection.execute('select * from "Sales"."Kunden" where email = %s', (f"user{number}@example.com",))
            connection.execute('select id from "Sales"."Kunden" where doc ->> \'city\' = %s', (f"c{number}",))
    found = advise(shop, AdviseOptions())
    assert '"Sales"."Kunden" USING btree ("email")' in on(found) or '"Sales"."Kunden" USING hash ("email")' in on(found)
    assert "USING gin" not in on(found)
    assert any("a log of statements has it" in one.reason for one in found.skipped)


def test_without_a_lab_advice_is_marked_as_estimated(shop: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text("select * from orders where kunde = 5;")
    found = advise(shop, AdviseOptions(workload=tmp_path / "w.sql", lab="none"))
    (one,) = found.recommendations
    assert (one.measured, one.confidence, one.before_ms) == (False, "low", None)
    assert "nothing was built or measured: --lab none" in found.left_out


def test_what_an_extension_would_allow_is_said(shop: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text('select * from "Sales"."Kunden" where name ilike \'%c4ca4%\';')
    found = advise(shop, AdviseOptions(workload=tmp_path / "w.sql", lab="none"))
    assert any("1 statement looks for a part of a text" in one for one in found.left_out)


def test_a_sample_is_said_to_be_one(shop: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text("select * from orders where kunde = 5;")
    found = advise(shop, AdviseOptions(workload=tmp_path / "w.sql", copy_limit_bytes=1 << 20))
    assert found.lab.startswith("sample of ")
    assert found.recommendations


def test_the_command_prints_one_object_whose_statements_run(shop: str, tmp_path: Path) -> None:
    (tmp_path / "w.sql").write_text("select * from orders where kunde = 5;")
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", shop, "--workload", str(tmp_path / "w.sql"), "--json"])
    assert result.exit_code == 0, result.output
    (one,) = json.loads(result.stdout)["recommendations"]
    assert {"kind", "statement", "undo", "size_bytes", "before_ms", "after_ms", "measured", "write_price"} <= one.keys()
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute(one["statement"])
        connection.execute(one["undo"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["postgresql://127.0.0.1:1/nothing"], "could not reach nothing on 127.0.0.1:1"),
        (["postgresql://[::1/x"], "the address of the database is wrong"),
    ],
)
def test_a_wrong_address_is_named(arguments: list[str], said: str) -> None:
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", *arguments])
    assert said in str(result.exception)


def test_a_wrong_lab_and_an_empty_workload_are_named(shop: str, tmp_path: Path) -> None:
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", shop, "--lab", "skratch"])
    assert "--lab skratch is no lab" in str(result.exception)
    (tmp_path / "w.sql").write_text("-- nothing\n")
    result = CliRunner().invoke(app, ["advise", shop, "--workload", str(tmp_path / "w.sql")])
    assert "holds no statement that has a plan" in str(result.exception)


def test_a_statement_that_fails_when_it_runs_is_reported_and_stops_nothing(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "statements.sql"
    file.write_text(
        "select 1 / (kunde - kunde) from orders where kunde = 5;\nselect count(*) from events where kind = 7;\n"
    )
    advice = advise(shop, AdviseOptions(workload=file))
    assert '"public"."events" USING btree ("kind")' in on(advice)
    (skipped,) = advice.skipped
    assert "kunde - kunde" in skipped.text
    assert "division by zero" in skipped.reason
