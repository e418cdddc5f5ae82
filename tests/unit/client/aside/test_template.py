from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.template import Template, make_writer
from candlefish.errors import UsageError


@dataclass
class User:
    id: int


def overview(organization: str, page: int = 1, *, order: str = "name") -> None: ...
def of_user(db: object, user: User) -> None: ...
def of_many(*ids: int) -> None: ...
def of_named(**ids: int) -> None: ...
def of_nothing() -> None: ...


OVERVIEW = Template("overview:{organization}:{page}:{order}", signature(overview))


@pytest.mark.parametrize(
    ("args", "kwargs", "key"),
    [
        (("acme",), {}, "overview:acme:1:name"),
        (("acme", 2), {"order": "size"}, "overview:acme:2:size"),
        ((), {"page": 3, "organization": "a:b"}, "overview:a%3Ab:3:name"),
    ],
)
def test_a_key_is_made_of_the_arguments_however_they_are_given(
    args: tuple[Any, ...], kwargs: dict[str, Any], key: str
) -> None:
    assert OVERVIEW.write(args, kwargs) == key


texts = st.text(st.sampled_from("a1:%{}~-!"), max_size=4)


@given(st.tuples(texts, st.integers(), texts), st.tuples(texts, st.integers(), texts))
def test_no_two_argument_lists_have_one_key(one: tuple[str, int, str], other: tuple[str, int, str]) -> None:
    keys = [OVERVIEW.write(args[:2], {"order": args[2]}) for args in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_an_attribute_can_stand_for_its_object() -> None:
    template = Template("user:{user.id}", signature(of_user), ignoring=("db",))
    assert template.write((object(), User(7)), {}) == template.write((), {"user": User(7)}) == "user:7"


def test_braces_make_a_hash_tag() -> None:
    assert Template("{{tenant:{user.id}}}:all", signature(of_user), ("db",)).write((None, User(7)), {}) == (
        "{tenant:7}:all"
    )


def test_a_function_without_parameters_has_one_key() -> None:
    assert Template("everything", signature(of_nothing)).write((), {}) == "everything"


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(TypeError, match="organization"):
        OVERVIEW.write((), {})


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        (("acme", 2, "size"), {}, "too many positional arguments"),
        (("acme",), {"organization": "acme"}, "multiple values for argument 'organization'"),
        (("acme",), {"pages": 2}, "unexpected keyword argument 'pages'"),
    ],
)
def test_a_call_that_the_function_would_refuse_has_no_key(
    args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        OVERVIEW.write(args, kwargs)


def test_an_argument_that_is_ignored_can_be_left_out_of_a_key() -> None:
    template = Template("user:{user.id}", signature(of_user), ignoring=("db",))
    assert template.write((), {"user": User(7)}) == template.write((object(), User(7)), {}) == "user:7"


@pytest.mark.parametrize(
    ("template", "function", "message"),
    [
        ("overview:{organisation}", overview, "'organisation', which the function does not take"),
        ("overview:{organization}", overview, "leaves out order, page"),
        ("overview:{}", overview, "''"),
        ("{organization}{page}:{order}", overview, "run into one another before 'page'"),
        ("{organization}-{page}:{order}", overview, "run into one another before 'page'"),
        ("{organization:>9}:{page}:{order}", overview, "formats 'organization'"),
        ("{organization!r}:{page}:{order}", overview, "formats 'organization'"),
        ("{organization", overview, "cannot be read"),
        ("{ids}", of_many, r"\*ids"),
        ("{ids}", of_named, r"\*ids"),
    ],
)
def test_a_template_that_does_not_fit_its_function_is_refused(
    template: str, function: Callable[..., Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        Template(template, signature(function))


def test_only_a_parameter_can_be_ignored() -> None:
    with pytest.raises(UsageError, match="'database'"):
        Template("user:{user}:{db}", signature(of_user), ignoring=("database",))


def test_a_writer_writes_the_keys_of_single_values() -> None:
    assert list(map(make_writer("user:{}"), [1, "a b"])) == ["user:1", "user:a%20b"]
    assert make_writer("{{user}}:{.id}:x")(User(3)) == "{user}:3:x"


@pytest.mark.parametrize("template", ["user", "user:{}:{}"])
def test_a_writer_needs_one_field(template: str) -> None:
    with pytest.raises(UsageError, match="one field"):
        make_writer(template)
