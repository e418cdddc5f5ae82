import pytest

from candlefish.client.aside import away
from candlefish.client.aside.away import Away
from candlefish.client.aside.fences import Fences


def test_beyond_their_bound_the_deletes_remembered_first_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "REMEMBERED_DELETES", 3)
    remembered = Away(1, Fences("", sharded=False))
    for key in ["a", "b", "c", "a", "d", "e"]:
        remembered.remember(key)
    assert list(remembered._deletes) == ["a", "d", "e"]
    remembered.forget("d")
    remembered.forget("never there")
    assert list(remembered._deletes) == ["a", "e"]
