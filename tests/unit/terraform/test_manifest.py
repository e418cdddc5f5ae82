"""What a newly rendered module does to a folder that was written before, and may have been edited since."""

import json

import pytest

from candlefish.errors import UsageError
from candlefish.terraform.manifest import (
    Changes,
    Written,
    compare,
    digest,
    join,
    of_module,
    read_manifest,
    render_diff,
    render_manifest,
)

OLD, NEW, EDITED = b"old\n", b"new\n", b"edited\n"
NOTHING = Written({})
BEFORE = of_module({"a.tf": OLD}, "shop", from_spec=True)


def test_an_empty_folder_gets_everything() -> None:
    assert compare({"a.tf": NEW, "tests/b.hcl": NEW}, {}, NOTHING).write == ("a.tf", "tests/b.hcl")


def test_what_stands_there_already_is_not_written() -> None:
    assert compare({"a.tf": OLD}, {"a.tf": OLD}, BEFORE).nothing


def test_a_file_of_ours_follows_the_spec() -> None:
    assert compare({"a.tf": NEW}, {"a.tf": OLD}, BEFORE).write == ("a.tf",)


def test_a_file_of_a_part_that_is_off_goes() -> None:
    changes = compare({}, {"a.tf": OLD}, BEFORE)
    assert (changes.write, changes.remove) == ((), ("a.tf",))


def test_a_file_that_is_gone_already_is_no_change() -> None:
    assert compare({}, {}, BEFORE).nothing


def test_a_file_that_somebody_deleted_comes_back() -> None:
    assert compare({"a.tf": OLD}, {}, BEFORE).write == ("a.tf",)


def test_an_edit_stays_while_the_module_has_the_same_text() -> None:
    changes = compare({"a.tf": OLD}, {"a.tf": EDITED}, BEFORE)
    assert changes == Changes((), (), ("a.tf",), ())


@pytest.mark.parametrize(("rendered", "written"), [({"a.tf": NEW}, BEFORE), ({}, BEFORE), ({"a.tf": NEW}, NOTHING)])
def test_an_edit_is_never_lost_without_being_forced(rendered: dict[str, bytes], written: Written) -> None:
    assert compare(rendered, {"a.tf": EDITED}, written).conflicts == ("a.tf",)
    forced = compare(rendered, {"a.tf": EDITED}, written, force=True)
    assert not forced.conflicts
    assert (forced.write or forced.remove) == ("a.tf",)


def test_an_edit_that_says_what_the_module_says_is_no_conflict() -> None:
    assert compare({"a.tf": NEW}, {"a.tf": NEW}, BEFORE) == Changes((), (), (), ())


def test_a_manifest_is_read_as_it_was_written() -> None:
    text = render_manifest(of_module({"b": NEW, "a": OLD}, "shop", from_spec=True))
    assert read_manifest(text, "m") == Written({"a": (digest(OLD),), "b": (digest(NEW),)}, "shop", from_spec=True)
    assert list(json.loads(text)["files"]) == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 2, "files": {}}', '{"format": 1, "files": ["a"]}', "null"],
)
def test_a_manifest_that_is_not_ours_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_manifest(text, "folder/.candlefish.json")
    assert "folder/.candlefish.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["../a.tf", "/etc/passwd", "tests/../../a"])
def test_a_manifest_never_reaches_outside_of_its_folder(name: str) -> None:
    with pytest.raises(UsageError, match="outside"):
        read_manifest(json.dumps({"format": 1, "tier": "", "from_spec": False, "files": {name: ["0"]}}), "m")


def test_a_difference_shows_old_and_new() -> None:
    before = of_module({"a.tf": OLD, "b.tf": OLD}, "shop", from_spec=True)
    changes = compare({"a.tf": NEW, "c.tf": NEW}, {"a.tf": OLD, "b.tf": OLD}, before)
    assert render_diff(changes, {"a.tf": NEW, "c.tf": NEW}, {"a.tf": OLD, "b.tf": OLD}).splitlines() == [
        "--- a/a.tf", "+++ b/a.tf", "@@ -1 +1 @@", "-old", "+new",
        "--- a/b.tf", "+++ /dev/null", "@@ -1 +0,0 @@", "-old",
        "--- /dev/null", "+++ b/c.tf", "@@ -0,0 +1 @@", "+new",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "present", [{"a.tf": OLD, "b.tf": OLD}, {"a.tf": NEW, "c.tf": NEW}, {"a.tf": NEW, "b.tf": OLD}]
)
@pytest.mark.parametrize("wanted", [{"a.tf": OLD, "b.tf": OLD}, {"a.tf": NEW, "c.tf": NEW}, {"d.tf": NEW}])
def test_a_run_that_was_ended_is_finished_or_undone_by_the_next(
    present: dict[str, bytes], wanted: dict[str, bytes]
) -> None:
    old = of_module({"a.tf": OLD, "b.tf": OLD}, "shop", from_spec=True)
    new = of_module({"a.tf": NEW, "c.tf": NEW}, "shop", from_spec=True)
    changes = compare(wanted, present, join(old, new))
    assert (changes.kept, changes.conflicts) == ((), ())
    after = {name: text for name, text in present.items() if name not in changes.remove}
    assert after | {name: wanted[name] for name in changes.write} == wanted
