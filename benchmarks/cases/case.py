"""What a case is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A database (`setup`), what is asked of it (`workload`), and sets of indexes of which the best is found by trying.

    Each answer is a set of CREATE INDEX statements; no answers at all: no index must be advised. `drops` names indexes
    that should go. `per_hour` statements are run for their time; the others are only written down in the workload.
    """

    name: str
    setup: str
    workload: str
    answers: tuple[tuple[str, ...], ...] = ()
    drops: tuple[str, ...] = ()
    search_path: str = ""


def one(*statements: str) -> tuple[tuple[str, ...], ...]:
    """Return answers of one index each."""
    return tuple((statement,) for statement in statements)


def table(name: str, columns: str, rows: int, values: str, more: str = "") -> str:
    """Return SQL for a table with an id, columns and generated rows (`i` counts them), and what comes after."""
    return (
        f"create table {name} (id bigint generated always as identity primary key, {columns});\n"
        f"insert into {name} overriding system value select i, {values} from generate_series(1, {rows}) as i;\n"
        f"{more}\n"
    )
