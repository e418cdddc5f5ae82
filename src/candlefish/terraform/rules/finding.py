"""How a rule says what it found."""

from candlefish.results import Finding
from candlefish.terraform.rules.planned import Resource


def wrong(resource: Resource, argument: str, message: str, hint: str = "") -> Finding:
    """Return what AWS refuses, what breaks a promise, or what lets somebody in."""
    return Finding(_subject(resource, argument), "critical", message, hint)


def doubtful(resource: Resource, argument: str, message: str, hint: str = "") -> Finding:
    """Return what can be meant so, and seldom is."""
    return Finding(_subject(resource, argument), "warning", message, hint)


def _subject(resource: Resource, argument: str) -> str:
    return f"{resource.address}.{argument}" if argument else resource.address


def is_on(value: object) -> bool:
    """Say whether a switch is on; the provider has some of them as strings, to tell "false" from nothing."""
    return value in (True, "true")


def number(value: object) -> float | None:
    """Return a number that may stand in a string, as parameters do; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None
