"""What candlefish has written into a folder, and what a newly rendered module would change there. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import unified_diff
from pathlib import PurePosixPath

from candlefish.errors import UsageError

MANIFEST = ".candlefish.json"
"""The file that says which files of the folder are ours, and how they were written."""

FORMAT = 1

Files = Mapping[str, bytes]
"""Path in the folder -> content."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a folder holds of ours: path -> the digests that are ours, of which a run that was ended leaves two.

    `tier` is whose module it is, `from_spec` whether a file said so; both empty where nothing was written.
    """

    files: Mapping[str, tuple[str, ...]]
    tier: str = ""
    from_spec: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What happens to which files: written, removed, left as somebody edited them; `conflicts` would lose an edit."""

    write: tuple[str, ...]
    remove: tuple[str, ...]
    kept: tuple[str, ...]
    conflicts: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the folder stays as it is."""
        return not (self.write or self.remove)


def of_module(files: Files, tier: str, *, from_spec: bool) -> Written:
    """Return what a folder holds once a module is written."""
    return Written({name: (digest(content),) for name, content in files.items()}, tier, from_spec)


def join(before: Written, after: Written) -> Written:
    """Return what a folder may hold while one module replaces another."""
    names = sorted({*before.files, *after.files})
    both = {name: (*before.files.get(name, ()), *after.files.get(name, ())) for name in names}
    return Written(both, after.tier, after.from_spec)


def render_manifest(written: Written) -> str:
    """Return the manifest of what was written, or is being written."""
    files = {name: list(dict.fromkeys(written.files[name])) for name in sorted(written.files)}
    return json.dumps({"format": FORMAT, **asdict(written), "files": files}, indent=2) + "\n"


def read_manifest(text: str, origin: str) -> Written:
    """Return what a manifest says; raise UsageError for one that nobody of us wrote."""
    hint = f"write into another folder, or remove {MANIFEST} and look at --dry-run --force"
    try:
        data = json.loads(text)
        files = {str(name): tuple(map(str, digests)) for name, digests in data["files"].items()}
        written = Written(files, str(data["tier"]), bool(data["from_spec"]))
        known = data["format"] == FORMAT
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"could not read {origin}: {error}", hint=hint) from error
    if not known:
        raise UsageError(f"{origin} has the format {data['format']}, and this candlefish knows {FORMAT}", hint=hint)
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise UsageError(f"{origin} names {name}, which is outside of its folder", hint=hint)
    return written


def compare(rendered: Files, present: Files, written: Written, *, force: bool = False) -> Changes:
    """Hold a rendered module against a folder; `written` is what its manifest says, `present` what is there now.

    A file that somebody edited stays as long as the module has the same text for it as before. Where the text is
    another one, or the file was never ours, it is a conflict; with `force` it is written.
    """
    found = {name: _judge(name, rendered, present, written) for name in sorted({*rendered, *written.files})}
    conflicts = tuple(name for name, verdict in found.items() if verdict == "conflict")
    if force:
        found |= {name: "write" if name in rendered else "remove" for name in conflicts}
        found |= {name: "write" for name, verdict in found.items() if verdict == "keep"}
        conflicts = ()
    names = {kind: tuple(name for name, verdict in found.items() if verdict == kind) for kind in set(found.values())}
    return Changes(names.get("write", ()), names.get("remove", ()), names.get("keep", ()), conflicts)


def _judge(name: str, rendered: Files, present: Files, written: Written) -> str:
    there, ours, new = present.get(name), written.files.get(name, ()), rendered.get(name)
    if there is None:
        return "" if new is None else "write"
    if there == new:
        return ""
    if digest(there) in ours:
        return "write" if new is not None else "remove"
    return "keep" if new is not None and digest(new) in ours else "conflict"


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def render_diff(changes: Changes, rendered: Files, present: Files) -> str:
    """Return a unified diff of what would change."""
    names = sorted({*changes.write, *changes.remove, *changes.conflicts})
    return "".join(line for name in names for line in _diff(name, present.get(name), rendered.get(name)))


def _diff(name: str, old: bytes | None, new: bytes | None) -> Iterator[str]:
    before = "/dev/null" if old is None else f"a/{name}"
    after = "/dev/null" if new is None else f"b/{name}"
    for line in unified_diff(_lines(old), _lines(new), before, after):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines(keepends=True)
