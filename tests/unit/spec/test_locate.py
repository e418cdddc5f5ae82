from candlefish.spec.locate import locate_keys

TEXT = '''\
# a comment
name = "x"  # another

[postgres]
nodes = 3
settings = { work_mem = "4MB", jit = "off" }
note = """
nodes = 99
[redis]
"""
list = [
  1,
  2,
]
after = 1

[redis]
"quoted key" = 1
a.b = 2
'''


def test_each_key_is_found_in_its_line() -> None:
    lines = locate_keys(TEXT)
    assert lines[("name",)] == 2
    assert lines[("postgres",)] == 4
    assert lines[("postgres", "nodes")] == 5
    assert lines[("redis", "quoted key")] == 18


def test_keys_of_an_inline_table_stand_in_its_line() -> None:
    assert locate_keys(TEXT)[("postgres", "settings", "work_mem")] == 6


def test_what_stands_in_a_long_text_is_no_key() -> None:
    lines = locate_keys(TEXT)
    assert lines[("postgres", "note")] == 7
    assert lines[("redis",)] == 17


def test_a_value_over_several_lines_moves_no_later_key() -> None:
    lines = locate_keys(TEXT)
    assert (lines[("postgres", "list")], lines[("postgres", "after")]) == (11, 15)


def test_a_dotted_key_is_found_whole_and_in_parts() -> None:
    lines = locate_keys(TEXT)
    assert lines[("redis", "a", "b")] == lines[("redis", "a")] == 19


def test_tables_of_an_array_are_found() -> None:
    assert locate_keys("[[server]]\nport = 1\n")[("server", "port")] == 2


def test_windows_line_ends_count_once() -> None:
    assert locate_keys("a = 1\r\n\r\nb = 2\r\n")[("b",)] == 3
