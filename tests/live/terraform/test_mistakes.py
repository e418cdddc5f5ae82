"""Mistakes that are made in the module on purpose: each is found, by the check that is named for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.terraform.conftest import HERE
from tests.standin import checkov
from tests.standin.hcl_check import check
from tests.standin.mistake import SEEDED_SECRET, Mistake, NoSuchText, seed, together
from tests.standin.mistakes import (
    BY_APPLY,
    BY_CHECKOV,
    BY_FORMAT,
    BY_PLAN,
    BY_SEARCH,
    BY_SECOND_PLAN,
    BY_TEST,
    BY_VALIDATE,
    IN_TEXT,
    MISTAKES,
)
from tests.standin.mistakes_by_rule import BY_RULE
from tests.standin.terraform import TerraformFailed, Workspace, workspace

from candlefish.spec.load import load
from candlefish.terraform import render_module
from candlefish.terraform.rules import RULES, check_plan

pytestmark = pytest.mark.live

Module = dict[str, str]

LARGEST_GROUP = 12
"""Mistakes in one plan: few enough that what is found can be read."""


def named(mistake: Mistake) -> str:
    return mistake.name


def found_in(space: Workspace) -> set[tuple[str, str]]:
    """Give what the rules find in the plan that was made last: rule and subject."""
    return {(finding.message.split(":")[0], finding.subject) for finding in check_plan(space.show_json())}


def lay(space: Workspace, module: Module) -> None:
    for path, text in module.items():
        (space.folder / path).write_text(text)


def refusal(module: Module, *, applied: bool = False) -> str:
    """Give the words in which Terraform refuses a module before anything is made, or while it is."""
    with workspace(module) as space:
        space.init()
        if diagnostics := space.validate():
            return " ".join(f"{one['summary']} {one['detail']}" for one in diagnostics)
        if applied:
            space.plan()
        with pytest.raises(TerraformFailed) as refused:
            space.apply() if applied else space.plan()
        return " ".join(str(refused.value).split())


@pytest.fixture(scope="module")
def module() -> Module:
    """Give the default module, without a mistake."""
    return dict(render_module(load(HERE / "specs" / "default.toml")))


@pytest.fixture(scope="module")
def tier(module: Module) -> Iterator[Workspace]:
    """Give a folder in which the module was applied without a mistake: then a plan knows what AWS decides."""
    with workspace(module) as space:
        space.init()
        space.plan()
        space.apply()
        yield space


def test_there_are_thirty_mistakes_and_more() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) > 30


def test_rules_are_named_as_they_are() -> None:
    assert {mistake.check for mistake in BY_RULE} <= {rule.name for rule in RULES}


def test_a_mistake_that_cannot_be_made_is_a_failure(module: Module) -> None:
    with pytest.raises(NoSuchText, match="no such thing"):
        seed(module, [Mistake("no such thing", "text", "", "network.tf", "nothing like it", "")])


@pytest.mark.parametrize("mistake", IN_TEXT, ids=named)
def test_the_pure_check_finds(mistake: Mistake, module: Module) -> None:
    found = set(check(seed(module, [mistake]))) - set(check(module))
    assert mistake.check in {finding.check for finding in found}


@pytest.mark.parametrize("mistake", BY_FORMAT, ids=named)
def test_fmt_finds(mistake: Mistake, module: Module) -> None:
    with workspace(seed(module, [mistake])) as space:
        assert mistake.check in space.fmt_check()


@pytest.mark.parametrize("mistake", BY_VALIDATE, ids=named)
def test_validate_finds(mistake: Mistake, module: Module) -> None:
    with workspace(seed(module, [mistake])) as space:
        space.init()
        said = [f"{one['summary']} {one['detail']}" for one in space.validate()]
    assert any(mistake.check in one for one in said), said


@pytest.mark.parametrize("mistake", BY_PLAN, ids=named)
def test_terraform_refuses_to_plan(mistake: Mistake, module: Module) -> None:
    assert mistake.check in refusal(seed(module, [mistake]))


@pytest.mark.parametrize("mistake", BY_APPLY, ids=named)
def test_what_is_unknown_before_is_refused_by_the_apply(mistake: Mistake, module: Module) -> None:
    assert mistake.check in refusal(seed(module, [mistake]), applied=True)


def test_no_rule_finds_anything_without_a_mistake(tier: Workspace, module: Module) -> None:
    lay(tier, module)
    assert not tier.plan()
    assert found_in(tier) == set()


@pytest.mark.parametrize("group", together(BY_RULE, LARGEST_GROUP), ids=lambda group: f"{group[0].name} and others")
def test_the_rules_find_each_of(group: list[Mistake], tier: Workspace, module: Module) -> None:
    lay(tier, seed(module, group))
    tier.plan("-refresh=false")
    found = found_in(tier)
    assert {(mistake.check, mistake.subject) for mistake in group} - found == set()
    expected = {name for mistake in group for name in (mistake.check, *mistake.also)}
    assert {name for name, _ in found} == expected, "a rule fires that no mistake was made for"


@pytest.mark.parametrize("mistake", BY_TEST, ids=named)
def test_a_test_of_the_module_fails(mistake: Mistake, module: Module) -> None:
    with workspace(seed(module, [mistake])) as space:
        space.init()
        done = space.run("test", "-no-color", f"-filter={mistake.subject}", may_fail=True)
    assert f'run "{mistake.check}"... fail' in done.stdout


def test_checkov_finds_each_of(module: Module, tmp_path: Path) -> None:
    for path, text in seed(module, BY_CHECKOV).items():
        if "/" not in path:
            (tmp_path / path).write_text(text)
    _, failed = checkov.run(tmp_path)
    unskipped = [one for one in failed if not any(skip.covers(one) for skip in checkov.read_skips())]
    assert {(mistake.check, mistake.subject) for mistake in BY_CHECKOV} <= {
        (one.check, one.resource.split("[")[0]) for one in unskipped
    }


def test_a_secret_in_a_plain_argument_is_found_in_the_state_and_by_a_rule(module: Module) -> None:
    (mistake,) = BY_SEARCH
    with workspace(seed(module, [mistake])) as space:
        space.init()
        space.plan()
        found = found_in(space)
        space.apply()
        left = {path for path, text in space.left_behind().items() if SEEDED_SECRET in text}
    assert mistake.check in left
    assert ("secret-argument", mistake.subject) in found


@pytest.mark.parametrize("mistake", BY_SECOND_PLAN, ids=named)
def test_a_plan_after_the_apply_is_not_empty(mistake: Mistake, module: Module) -> None:
    with workspace(seed(module, [mistake])) as space:
        space.init()
        space.plan()
        space.apply()
        assert space.plan()
        assert mistake.check in space.said[-1]
