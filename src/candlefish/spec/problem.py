"""One mistake in a spec, before it is known in which line it stands."""

from dataclasses import dataclass

from candlefish.spec.locate import KeyPath


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a key; `others` are the keys that it contradicts."""

    key: KeyPath
    message: str
    others: tuple[KeyPath, ...] = ()
