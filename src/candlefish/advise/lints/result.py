"""What a check of the lints gives back."""

from dataclasses import dataclass

from candlefish.advise.advice import Recommendation
from candlefish.advise.catalog.model import ForeignKey
from candlefish.advise.index.definition import Index
from candlefish.results import Finding


@dataclass(frozen=True, slots=True)
class LintResult:
    """Findings; what to drop or rebuild; and candidates for foreign keys without an index.

    `foreign_keys` and `unindexed` go together, place by place: the index, and the foreign key that it is for. Whether
    it is worth it is measured elsewhere, by the cost of the referential trigger.
    """

    findings: tuple[Finding, ...] = ()
    drops: tuple[Recommendation, ...] = ()
    foreign_keys: tuple[Index, ...] = ()
    unindexed: tuple[ForeignKey, ...] = ()
