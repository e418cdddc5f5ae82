"""A file of SQL as a workload."""

from candlefish.advise.workload.sql_file import parse_sql


def test_each_statement_is_called_once_an_hour_unless_a_comment_says_more() -> None:
    found = parse_sql("select 1 from a;\n-- calls_per_hour: 120\nselect 2 from b;", "w")
    assert [(one.text, one.calls_per_hour) for one in found.statements] == [
        ("select 2 from b", 120),
        ("select 1 from a", 1),
    ]


def test_the_same_with_other_literals_is_one_statement_with_samples() -> None:
    (found,) = parse_sql("select 1 from a where b = 1; select 1 from a where b = 'x';", "w").statements
    assert found.samples == ("select 1 from a where b = 1", "select 1 from a where b = 'x'")
    assert found.calls_per_hour == 2
    assert found.constants_seen


def test_what_has_no_plan_and_psql_commands_are_skipped_with_the_reason() -> None:
    found = parse_sql("\\timing on\nset work_mem = '1GB';\nselect 1 from a;", "w")
    assert [one.text for one in found.statements] == ["select 1 from a"]
    assert {one.text: one.reason for one in found.skipped} == {
        "\\timing on": "a command of psql's",
        "set work_mem = '1GB'": "it has no plan: only SELECT, INSERT, UPDATE, DELETE and MERGE do",
    }


def test_literals_and_names_stay_as_they_are() -> None:
    text = """select "Größe" from "T" where "x""y" = 'ÄÖ''É' and b = $$It's$$"""
    assert parse_sql(text + ";", "w").statements[0].samples == (text,)
