"""What PostgreSQL 15 knows of its settings: type, unit, bounds. Values are checked here, before a server is started."""

import functools
import re
from dataclasses import dataclass
from importlib import resources

from candlefish.errors import closest

SettingValue = str | int | float | bool

_KILOBYTE = 1024
_BYTES = {"B": 1, "kB": _KILOBYTE, "MB": _KILOBYTE**2, "GB": _KILOBYTE**3, "TB": _KILOBYTE**4, "8kB": 8 * _KILOBYTE}
_MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6, "min": 60e6, "h": 3600e6, "d": 86400e6}
_BOOLEANS = ("on", "off", "true", "false", "yes", "no", "1", "0")
_QUANTITY = re.compile(r"^\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)\s*([A-Za-z]*)\s*$")


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """One row of pg_settings; `unit` is what a bare number counts, `choices` are those of an enum."""

    name: str
    type: str
    unit: str
    minimum: str
    maximum: str
    choices: tuple[str, ...]


@functools.cache
def known_settings() -> dict[str, KnownSetting]:
    """Return PostgreSQL's settings by lower-case name."""
    text = resources.files("candlefish.spec").joinpath("postgres15.txt").read_text(encoding="utf-8")
    rows = (line.split("|") for line in text.splitlines() if not line.startswith("#"))
    known = (
        KnownSetting(name, kind, unit, minimum, maximum, tuple(filter(None, choices.split(","))))
        for name, kind, unit, minimum, maximum, choices in rows
    )
    return {setting.name.lower(): setting for setting in known}


def check_setting(name: str, value: SettingValue) -> str:
    """Return what is wrong with a setting, or an empty text; those of unknown extensions pass."""
    setting = known_settings().get(name.lower())
    if setting is None:
        return "" if "." in name else f"PostgreSQL 15 has no such setting{closest(name, known_settings())}"
    if setting.type == "bool":
        fits = isinstance(value, bool) or str(value).lower() in _BOOLEANS
        return "" if fits else f"{value!r} is not on or off"
    if setting.type == "enum":
        return _check_choice(setting, value)
    if setting.type in ("integer", "real"):
        return _check_number(setting, value)
    return ""


def in_base_unit(name: str, value: SettingValue) -> float:
    """Return a numeric setting's value in the unit that PostgreSQL (and a parameter group of RDS) counts it in.

    Raises ValueError for a text that is no number with a unit of the setting's kind.
    """
    setting = known_settings()[name.lower()]
    match = _QUANTITY.match(str(value))
    if match is None or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number{_with_unit(setting)}")
    number, unit = float(match[1]), match[2]
    if not unit:
        return number
    table = next((units for units in (_BYTES, _MICROSECONDS) if setting.unit in units), {})
    if unit not in table or unit == "8kB":
        raise ValueError(f"{value!r} has the wrong unit: {_units(setting)}")
    return number * table[unit] / table[setting.unit]


def _check_choice(setting: KnownSetting, value: SettingValue) -> str:
    text = ("on" if value else "off") if isinstance(value, bool) else str(value).lower()
    if text in setting.choices:
        return ""
    return f"{value!r} is not possible: one of {', '.join(setting.choices)}{closest(text, setting.choices)}"


def _check_number(setting: KnownSetting, value: SettingValue) -> str:
    try:
        number = in_base_unit(setting.name, value)
    except ValueError as error:
        return str(error)
    if setting.type == "integer" and isinstance(value, float) and not value.is_integer():
        return f"{value!r} is not a whole number"
    unit = f" {setting.unit}" if setting.unit else ""
    if setting.minimum and number < float(setting.minimum):
        return f"{value!r} is too small: at least {setting.minimum}{unit}"
    if setting.maximum and number > float(setting.maximum):
        return f"{value!r} is too large: at most {setting.maximum}{unit}"
    return ""


def _with_unit(setting: KnownSetting) -> str:
    return f" with a unit: {_units(setting)}" if setting.unit else ""


def _units(setting: KnownSetting) -> str:
    if setting.unit in _BYTES:
        return "one of B, kB, MB, GB, TB"
    return "one of us, ms, s, min, h, d" if setting.unit else "it has none"
