"""Formulas of RDS parameters, such as {DBInstanceClassMemory/32768} and LEAST({DBInstanceClassMemory/9531392},5000).

AWS, "Specifying DB parameters": in braces a variable, which may be multiplied and then divided by a whole number;
outside of them GREATEST, LEAST and SUM over formulas and numbers.
"""

import re
from collections.abc import Callable, Mapping

VARIABLES = {
    "AllocatedStorage": 100 * 1024**3,
    "DBInstanceClassMemory": 16 * 1024**3,
    "DBInstanceVCPU": 2,
    "EndPointPort": 5432,
    "TrueIfReplica": 0,
}
"""What a formula may name, with a usual value; names are case-sensitive."""

FUNCTIONS: dict[str, Callable[[list[float]], float]] = {"GREATEST": max, "LEAST": min, "SUM": sum}

_FORMULA = re.compile(r"\{(\w+)(?:\*(\d+))?(?:/(\d+))?\}")
_FUNCTION = re.compile(r"(\w+)\((.+)\)")
_SPLIT = re.compile(r",(?![^(]*\))")


class FormulaError(ValueError):
    """RDS would refuse the formula."""


def is_formula(value: str) -> bool:
    """Say whether a value is meant as a formula."""
    return "{" in value or "}" in value or _FUNCTION.fullmatch(value) is not None


def evaluate(text: str, variables: Mapping[str, float]) -> float:
    """Return what a formula amounts to; raise FormulaError for one that RDS would refuse."""
    text = text.strip()
    if found := _FUNCTION.fullmatch(text):
        if found[1] not in FUNCTIONS:
            raise FormulaError(f"{text}: there is no function {found[1]}, but {', '.join(FUNCTIONS)}")
        return FUNCTIONS[found[1]]([evaluate(one, variables) for one in _SPLIT.split(found[2])])
    if found := _FORMULA.fullmatch(text):
        known = {**VARIABLES, **variables}
        if found[1] not in known:
            raise FormulaError(f"{text}: there is no variable {found[1]}, but {', '.join(VARIABLES)}")
        divisor = int(found[3] or 1)
        if not divisor:
            raise FormulaError(f"{text}: division by zero")
        return known[found[1]] * int(found[2] or 1) // divisor
    if re.fullmatch(r"\d+", text):
        return float(text)
    raise FormulaError(f"{text}: not {{Variable}}, {{Variable*N}}, {{Variable/N}} or {{Variable*N/M}} with whole N, M")
