"""Rules are read from a file; every mistake in it is told at once."""

from pathlib import Path

import pytest

from candlefish.client.aside.template import make_writer
from candlefish.client.rules import Rules, load_rules, tables_of
from candlefish.errors import SpecError, UsageError


def write(folder: Path, text: str) -> Path:
    file = folder / "rules.toml"
    file.write_text(text)
    return file


def test_a_rule_names_its_table_and_what_becomes_stale(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[[rule]]\ntable = "users"\nkeys = ["user:{id}", "all"]\ntags = ["org:{org_id}"]\ncolumns = ["name"]\n'
        '[[rule]]\ntable = "shop.orders"\ntags = ["orders:{user_id}/{day}"]\n',
    )
    users, orders = load_rules(file)
    assert tables_of((users, orders, users)) == ("public.users", "shop.orders")
    assert [template.text for template in users.keys] == ["user:{id}", "all"]
    assert users.needed == {"id", "org_id", "name"}
    assert orders.needed == {"user_id", "day"}
    assert orders.columns == frozenset()


MISTAKES = {
    "": "there is no rule",
    "rule = 5": "there is no rule",
    "rule = [5]": "rule 1 is not a table",
    'rules = 1\n[[rule]]\ntable = "users"\nkeys = ["a"]': "unknown key 'rules'; did you mean rule?",
    '[[rule]]\ntable = "users"\nkey = ["a"]\ntags = ["b"]': "rule 1 (users): unknown key 'key'; did you mean keys?",
    '[[rule]]\nkeys = ["a"]': "it names no table",
    '[[rule]]\ntable = "a.b.c"\nkeys = ["a"]': "table = 'a.b.c' is no name of a table",
    '[[rule]]\ntable = ".users"\nkeys = ["a"]': "table = '.users' is no name of a table",
    '[[rule]]\ntable = "users"': "it has neither keys nor tags",
    '[[rule]]\ntable = "users"\nkeys = "a"': "keys = 'a' is no list of texts",
    '[[rule]]\ntable = "users"\nkeys = ["a"]\ncolumns = [""]': "columns = [''] is no list of texts",
    '[[rule]]\ntable = "users"\nkeys = ["a:{id"]': "cannot be read",
    '[[rule]]\ntable = "users"\nkeys = ["a:{}"]': "needs the name of a column",
    '[[rule]]\ntable = "users"\nkeys = ["a:{user.id}"]': "needs the name of a column",
    '[[rule]]\ntable = "users"\nkeys = ["a:{id}{org}"]': "two values run into one another",
    "[[rule]": "rules.toml: ",
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.items())
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_rules(write(tmp_path, text))
    assert any(message in problem for problem in caught.value.problems), caught.value.problems


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = write(tmp_path, '[[rule]]\ntable = "users"\nkeys = ["a:{}"]\n[[rule]]\nkeys = ["b:{}"]')
    with pytest.raises(SpecError) as caught:
        load_rules(file)
    assert len(caught.value.problems) == 3
    assert "3 problems in" in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not read the rules"):
        load_rules(tmp_path / "none.toml")


def test_rows_of_a_table_name_what_they_make_stale(tmp_path: Path) -> None:
    text = (
        '[[rule]]\ntable = "users"\nkeys = ["user:{id}", "all"]\ntags = ["org:{org_id}"]\n'
        '[[rule]]\ntable = "users"\nkeys = ["name:{name}"]\n'
    )
    rules = Rules(load_rules(write(tmp_path, text)))
    old, new = {"id": 1, "org_id": 7, "name": "a:b"}, {"id": 1, "org_id": 8, "name": "c"}
    assert rules.find("public.users", [old, new]) == (
        ["user:1", "all", *(make_writer("name:{}")(row["name"]) for row in (old, new))],
        ["org:7", "org:8"],
    )
    assert rules.find("users", []) == ([], [])


def test_a_table_without_a_rule_and_a_row_without_a_column_are_refused(tmp_path: Path) -> None:
    rules = Rules(load_rules(write(tmp_path, '[[rule]]\ntable = "users"\nkeys = ["user:{id}"]\n')))
    with pytest.raises(UsageError, match=r"no rule speaks of the table 'user'; did you mean public\.users\?"):
        rules.find("user", [{"id": 1}])
    with pytest.raises(UsageError, match=r"'user:\{id\}' needs the column 'id'"):
        rules.find("users", [{"name": "x"}])
