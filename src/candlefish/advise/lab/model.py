"""A lab, whatever it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table


@dataclass(frozen=True, slots=True)
class Lab:
    """A copy of the database: how to reach it, what it is in words, and which part of each table it holds (1: all)."""

    conninfo: str
    label: str
    ratios: Mapping[Table, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """What policies ask for, set on each connection."""
    server_version: int = 0
    """server_version_num of where it stands."""

    @property
    def is_full(self) -> bool:
        """Tell whether every table is there as a whole."""
        return all(ratio >= 1 for ratio in self.ratios.values())

    def ratio(self, table: Table) -> float:
        """Return which part of a table's rows is here."""
        return self.ratios.get(table, 1.0)

    def connect(self) -> Connection:
        """Return a connection in autocommit mode, with the lab's settings."""
        connection: Connection = psycopg.connect(self.conninfo, autocommit=True)
        for name, value in self.settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        return connection
