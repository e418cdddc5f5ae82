"""What the search makes small: the weighted cost of every statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from candlefish.advise.index.definition import Index
from candlefish.advise.index.whatif import Planned, WhatIf
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.statements import Table


@dataclass(frozen=True, slots=True)
class Question:
    """A statement of the search: its texts with literals, what a unit of its cost weighs, the columns it names."""

    id: str
    texts: tuple[str, ...]
    weight: float
    columns: Mapping[Table, frozenset[str]]

    def concerns(self, index: Index) -> bool:
        """Tell whether an index could serve it: its first key is of columns that the statement names."""
        named = self.columns.get(index.table)
        first = index.keys[0]
        if named is None:
            return False
        if first.column:
            return first.column in named
        return any(unquote(token.text) in named for token in tokenize(first.expression))


@dataclass(slots=True)
class Objective:
    """The cost of a workload with a set of indexes: that of its statements, and what `price` says the writes pay."""

    whatif: WhatIf
    questions: tuple[Question, ...]
    price: Callable[[Index], float]
    _concerned: dict[Index, tuple[Question, ...]] = field(default_factory=dict)

    def cost_of(self, question: Question, indexes: frozenset[Index]) -> float:
        """Return the mean cost of a statement's texts with a set of indexes, times its weight."""
        planned = [one.cost for one in self.plans_of(question, indexes)]
        return question.weight * sum(planned) / len(planned)

    def plans_of(self, question: Question, indexes: frozenset[Index]) -> tuple[Planned, ...]:
        """Return the plans of a statement's texts."""
        mine = frozenset(index for index in indexes if question in self.concerned(index))
        return tuple(self.whatif.plan(text, mine) for text in question.texts)

    def concerned(self, index: Index) -> tuple[Question, ...]:
        """Return the statements that an index could serve."""
        if index not in self._concerned:
            self._concerned[index] = tuple(one for one in self.questions if one.concerns(index))
        return self._concerned[index]

    def total(self, indexes: frozenset[Index]) -> float:
        """Return the cost of everything."""
        return sum(self.cost_of(one, indexes) for one in self.questions) + sum(map(self.price, indexes))
