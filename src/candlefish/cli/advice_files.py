"""Advice written as files that other tools run: SQL for psql, a revision for Alembic, a migration for Django."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.sql import render_sql
from candlefish.cli.html_page import write_page
from candlefish.errors import UsageError
from candlefish.report.alembic_revision import render_alembic
from candlefish.report.django_migration import render_django

_REVISION: Final = re.compile(r"[\w-]+")
_MIGRATION: Final = re.compile(r"(\w+)\.(\w+)")


@dataclass(frozen=True, slots=True)
class AdviceFiles:
    """What is to be written, None for what is not; `after` is what a migration comes after."""

    sql: Path | None = None
    alembic: Path | None = None
    django: Path | None = None
    after: str = ""

    def check(self) -> None:
        """Raise UsageError for what could not be written later, before anything is measured."""
        for option, file in (("--sql", self.sql), ("--alembic", self.alembic), ("--django", self.django)):
            if file is not None and not file.absolute().parent.is_dir():
                raise UsageError(f"{option} {file}: there is no folder {file.absolute().parent}", hint="make it first")
        if not self.after:
            return
        if (self.alembic is None) is (self.django is None):
            raise UsageError(
                f"--after {self.after} names the migration before one",
                hint="give it with --alembic FILE, or with --django FILE, and not with both",
            )
        if self.alembic is not None and not _REVISION.fullmatch(self.after):
            raise UsageError(
                f"--after {self.after} is no revision of Alembic",
                hint="`alembic heads` says which one is the present head; base stands for none",
            )
        if self.django is not None and not _MIGRATION.fullmatch(self.after):
            raise UsageError(
                f"--after {self.after} is no migration of Django",
                hint="write APP.MIGRATION, such as shop.0007_orders; `manage.py showmigrations` lists them",
            )

    def write(self, recommendations: Sequence[Recommendation]) -> None:
        """Write the files."""
        if self.sql is not None:
            write_page(self.sql, render_sql(recommendations))
        if self.alembic is not None:
            write_page(self.alembic, render_alembic(recommendations, self.after))
        if self.django is not None:
            write_page(self.django, render_django(recommendations, self.after))
