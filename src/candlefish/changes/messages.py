"""What PostgreSQL's output plugin pgoutput says, as frozen values."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal, NamedTuple


class Mark(Enum):
    """What can stand in the place of a value."""

    UNCHANGED = "unchanged"
    """A large (TOAST) value that the update left as it was: it is not sent again."""


UNCHANGED: Final = Mark.UNCHANGED

Value = str | None | Literal[Mark.UNCHANGED]
"""A column's value as PostgreSQL writes it as text; None is NULL."""

Row = tuple[Value, ...]
"""The values of a row, in the order of the relation's columns."""

OldKind = Literal["K", "O"]
"""What is known of the old row: the columns of its replica identity (the rest is None), or all of it."""


class Begin(NamedTuple):
    """A transaction follows; all of it is committed."""

    commit_lsn: int
    committed_us: int
    xid: int


class Commit(NamedTuple):
    """The transaction is whole; `end_lsn` is the position behind it, which is what may be confirmed."""

    commit_lsn: int
    end_lsn: int
    committed_us: int


class Column(NamedTuple):
    """One column of a relation; `in_identity` says that old rows hold it."""

    name: str
    type_oid: int
    in_identity: bool


class Relation(NamedTuple):
    """A table as it is from here on; `identity` is its REPLICA IDENTITY: d(efault), n(othing), f(ull), i(ndex)."""

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """Return the name that rules use."""
        return f"{self.schema}.{self.name}"

    @property
    def places(self) -> Mapping[str, int]:
        """Return where each column stands in a row."""
        return {column.name: place for place, column in enumerate(self.columns)}


class Insert(NamedTuple):
    """A new row."""

    oid: int
    new: Row


class Update(NamedTuple):
    """A changed row; without an old one its replica identity is what it was."""

    oid: int
    old_kind: OldKind | None
    old: Row | None
    new: Row


class Delete(NamedTuple):
    """A row that is gone."""

    oid: int
    old_kind: OldKind
    old: Row


class Truncate(NamedTuple):
    """Tables that were emptied."""

    oids: tuple[int, ...]


RowChange = Insert | Update | Delete
Message = Begin | Commit | Relation | RowChange | Truncate
