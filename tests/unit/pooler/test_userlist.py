from pathlib import Path

from candlefish.pooler.credentials import Credentials, Login
from candlefish.pooler.userlist import Access, load_access, render_access, render_userlist

MONITOR = Login("watcher", "look")


def users(current: Login, *others: Login) -> str:
    return render_userlist(Credentials(current, others, MONITOR, None))


def test_the_user_of_before_stays_beside_the_current_one() -> None:
    text = users(Login("app_2", "new"), Login("app", "old"))
    assert sorted(text.splitlines()) == ['"app" "old"', '"app_2" "new"', '"watcher" "look"']


def test_a_password_that_a_rotation_has_prepared_stands_before_the_one_of_before() -> None:
    text = users(Login("app_2", "new"), Login("app", "prepared"), Login("app", "old"))
    assert '"app" "prepared"\n' in text
    assert "old" not in text


def test_the_current_password_of_a_name_wins() -> None:
    assert users(Login("app", "current"), Login("app", "prepared")).count("app") == 1
    assert '"app" "current"' in users(Login("app", "current"), Login("app", "prepared"))


def test_a_quote_is_doubled_as_pgbouncer_reads_it() -> None:
    assert '"app" "a""b"\n' in users(Login("app", 'a"b'))


def test_what_the_health_check_needs_comes_back_as_it_was_written(tmp_path: Path) -> None:
    access = Access(6432, "shop", MONITOR, Login("app", "secret"))
    (tmp_path / "access.json").write_text(render_access(access))
    assert load_access(tmp_path / "access.json") == access


def test_no_password_shows_in_what_is_printed() -> None:
    credentials = Credentials(Login("app", "hidden"), (Login("app_2", "hidden"),), Login("m", "hidden"), None)
    assert "hidden" not in repr(credentials)
    assert "hidden" not in repr(Access(1, "shop", credentials.monitor, credentials.current))
