"""Parameter groups of RDS for PostgreSQL: names, units, formulas, sizes, and what needs a restart."""

from collections.abc import Iterator, Mapping
from typing import Any

from candlefish.errors import closest
from candlefish.plan.aws.database import AT_LEAST_AS_PRIMARY, NOT_ON_RDS
from candlefish.plan.aws.static_parameters import STATIC
from candlefish.results import Finding
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.postgres_settings import KnownSetting, known_settings
from candlefish.terraform.rules.finding import number, wrong
from candlefish.terraform.rules.formula import FormulaError, evaluate, is_formula
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

KIB = 1024
UNIT_BYTES = {"B": 1, "kB": KIB, "8kB": 8 * KIB, "MB": KIB**2}
GIB = KIB**3

MEMORY_PARTS = {"shared_buffers": 0.9, "effective_cache_size": 1.0}
"""The most that each may be of what the instance has: more than 90 % of shared memory and RDS does not start it."""

SMALLEST_PART = 0.01
"""Of the instance's memory: what is declared as a part of memory and comes out below is in the wrong unit."""

OF_MEMORY = (
    *MEMORY_PARTS, "work_mem", "maintenance_work_mem", "autovacuum_work_mem", "temp_buffers", "wal_buffers",
    "logical_decoding_work_mem",
)  # fmt: skip
OF_STORAGE = ("max_wal_size", "min_wal_size", "wal_keep_size", "max_slot_wal_keep_size")
"""Sizes that can't be larger than the volume."""

TIMEOUTS_MS = ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "wal_sender_timeout")
SHORTEST_MS = 1000
"""A limit below one second is a number of seconds in a parameter that counts milliseconds."""

DECIDED_BY_RDS = frozenset({
    "archive_command", "archive_library", "archive_mode", "config_file", "data_directory", "external_pid_file", "fsync",
    "full_page_writes", "hba_file", "hot_standby", "ident_file", "listen_addresses", "port", "primary_conninfo",
    "primary_slot_name", "restore_command", "ssl_ca_file", "ssl_cert_file", "ssl_key_file", "unix_socket_directories",
    "unix_socket_group", "unix_socket_permissions", "wal_level", "wal_sync_method",
})  # fmt: skip
"""Files, addresses and durability: RDS keeps them for itself (IsModifiable false, or absent from the family)."""

USUAL_MEMORY = 64 * GIB
"""For a formula of a group that no instance in the plan uses."""

Parameter = Mapping[str, Any]


def check_names(planned: Planned) -> Iterator[Finding]:
    """Find parameters that PostgreSQL or RDS does not have."""
    for group, parameter in _parameters(planned):
        name = str(parameter["name"])
        if name in NOT_ON_RDS | DECIDED_BY_RDS:
            yield wrong(group, _at(name), "RDS decides this itself", "leave it away")
        elif name not in known_settings() and "." not in name:
            yield wrong(group, _at(name), f"PostgreSQL 15 has no such setting{closest(name, known_settings())}")


def check_values(planned: Planned) -> Iterator[Finding]:
    """Find values in another form, or beyond the bounds, than RDS takes them."""
    for group, parameter in _parameters(planned):
        name, value = str(parameter["name"]), parameter.get("value")
        setting = known_settings().get(name.lower())
        if setting is None or not isinstance(value, str):
            continue
        if message := _check_value(setting, value):
            yield wrong(group, _at(name), message)


def _check_value(setting: KnownSetting, value: str) -> str:
    if is_formula(value):
        return _check_formula(setting, value)
    if setting.type == "bool":
        return "" if value in ("0", "1") else f"{value!r}: RDS writes a switch as 0 or 1"
    if setting.type == "enum":
        return "" if value.lower() in setting.choices else f"{value!r}: one of {', '.join(setting.choices)}"
    if setting.type in ("integer", "real"):
        return _check_number(setting, value)
    return ""


def _check_formula(setting: KnownSetting, value: str) -> str:
    try:
        evaluate(value, {"DBInstanceClassMemory": USUAL_MEMORY})
    except FormulaError as error:
        return str(error)
    return "" if setting.type in ("integer", "bool") else f"{value}: a formula gives a whole number or a switch"


def _check_number(setting: KnownSetting, value: str) -> str:
    given = number(value)
    unit = f" {setting.unit}" if setting.unit else ""
    if given is None:
        counted = f", counted in {setting.unit}" if setting.unit else ""
        return f"{value!r}: RDS takes a number without a unit{counted}"
    if setting.type == "integer" and not given.is_integer():
        return f"{value!r} is not a whole number"
    if setting.minimum and given < float(setting.minimum):
        return f"{value}{unit} is too small: at least {setting.minimum}"
    if setting.maximum and given > float(setting.maximum):
        return f"{value}{unit} is too large: at most {setting.maximum}"
    return ""


def check_sizes(planned: Planned) -> Iterator[Finding]:
    """Find sizes that the instances of the group can't have, which are numbers in the wrong unit."""
    for group, parameter in _parameters(planned):
        name, size = str(parameter["name"]), _bytes(planned, group, parameter)
        if size is None:
            continue
        has = _storage(planned, group) if name in OF_STORAGE else _memory(planned, group)
        most = MEMORY_PARTS.get(name, 1.0)
        if has is None and is_formula(str(parameter.get("value"))):
            has = USUAL_MEMORY
        if has is None or (name not in OF_MEMORY and name not in OF_STORAGE):
            continue
        if size > has * most:
            message = f"{parameter['value']} is {size / GIB:,.1f} GiB of {has / GIB:,.0f}: at most {most:.0%}"
            yield wrong(group, _at(name), message, f"it counts in {known_settings()[name].unit}")
        elif name in MEMORY_PARTS and size < has * SMALLEST_PART:
            message = f"{parameter['value']} is {size / KIB**2:,.1f} MiB of {has / GIB:,.0f} GiB"
            yield wrong(group, _at(name), message, f"it counts in {known_settings()[name].unit}")


def check_timeouts(planned: Planned) -> Iterator[Finding]:
    """Find limits of time that were written in seconds."""
    for group, parameter in _parameters(planned):
        name, value = str(parameter["name"]), number(parameter.get("value"))
        if name in TIMEOUTS_MS and value is not None and 0 < value < SHORTEST_MS:
            yield wrong(group, _at(name), f"{value:g} ms", "it counts in milliseconds")


def check_static(planned: Planned) -> Iterator[Finding]:
    """Find parameters that only a restart changes, and that are said to change at once."""
    for group, parameter in _parameters(planned):
        name, method = str(parameter["name"]), parameter.get("apply_method") or "immediate"
        if name in STATIC and method != "pending-reboot":
            message = f'apply_method "{method}", but only a restart changes it'
            yield wrong(group, _at(name), message, 'apply_method = "pending-reboot"')


def check_family(planned: Planned) -> Iterator[Finding]:
    """Find groups of another major version than their instances, and groups that let in plain text."""
    for instance in planned.of("aws_db_instance"):
        engine, version = instance.get("engine"), instance.get("engine_version")
        for group in planned.linked(instance, "parameter_group_name", "aws_db_parameter_group"):
            family = group.get("family")
            if engine == "postgres" and version and family and family != f"postgres{str(version).split('.')[0]}":
                message = f"{group.address} is of the family {family}, the engine is {engine} {version}"
                yield wrong(instance, "parameter_group_name", message)
    for group in planned.of("aws_db_parameter_group"):
        value = _values(group).get("rds.force_ssl")
        if value is not None and value != "1":
            yield wrong(group, _at("rds.force_ssl"), f"{value}: connections without TLS are let in", 'value = "1"')


def check_standbys(planned: Planned) -> Iterator[Finding]:
    """Find replicas that have less of something than their source: they stop replaying."""
    for replica in planned.of("aws_db_instance"):
        sources = planned.linked(replica, "replicate_source_db", "aws_db_instance")
        own = _group(planned, replica)
        other = _group(planned, sources[0]) if sources else None
        if own is None or other is None or own.address == other.address:
            continue
        has, needs = _values(own), _values(other)
        for name in AT_LEAST_AS_PRIMARY:
            least, given = number(needs.get(name)), number(has.get(name))
            if least is not None and (given is None or given < least):
                message = f"{has.get(name, 'the default')}, but {sources[0].address} has {least:g}"
                yield wrong(own, _at(name), message, "no fewer than the primary's, or it stops replaying")


def _parameters(planned: Planned) -> Iterator[tuple[Resource, Parameter]]:
    for group in planned.of("aws_db_parameter_group"):
        if str(group.get("family") or "postgres").startswith("postgres"):
            for parameter in group.blocks("parameter"):
                if parameter.get("name"):
                    yield group, parameter


def _at(name: str) -> str:
    return f'parameter["{name}"]'


def _values(group: Resource) -> dict[str, str]:
    return {str(one["name"]): str(one["value"]) for one in group.blocks("parameter") if one.get("value") is not None}


def _group(planned: Planned, instance: Resource) -> Resource | None:
    return next(iter(planned.linked(instance, "parameter_group_name", "aws_db_parameter_group")), None)


def _users(planned: Planned, group: Resource) -> Iterator[Resource]:
    return (one for one in planned.of("aws_db_instance") if _group(planned, one) == group)


def _memory(planned: Planned, group: Resource) -> float | None:
    """Return the memory of the smallest instance of a group, in bytes."""
    classes = (DATABASE_CLASSES.get(str(one.get("instance_class"))) for one in _users(planned, group))
    return min((one.memory_gib * GIB for one in classes if one), default=None)


def _storage(planned: Planned, group: Resource) -> float | None:
    sizes = (number(one.get("allocated_storage")) for one in _users(planned, group))
    return min((size * GIB for size in sizes if size), default=None)


def _bytes(planned: Planned, group: Resource, parameter: Parameter) -> float | None:
    """Return what a parameter amounts to; None for what is no size."""
    name, value = str(parameter["name"]), str(parameter.get("value"))
    setting = known_settings().get(name)
    if setting is None or setting.unit not in UNIT_BYTES:
        return None
    if not is_formula(value):
        given = number(value)
        return None if given is None else given * UNIT_BYTES[setting.unit]
    try:
        memory = _memory(planned, group) or USUAL_MEMORY
        return evaluate(value, {"DBInstanceClassMemory": memory}) * UNIT_BYTES[setting.unit]
    except FormulaError:
        return None


RULES = (
    Rule(
        "rds-parameter-name",
        "pg_settings of PostgreSQL 15; RDS API, DescribeDBParameters (IsModifiable)",
        check_names,
    ),
    Rule(
        "rds-parameter-value",
        "pg_settings of PostgreSQL 15 (unit, min_val, max_val, enumvals); AWS, 'Specifying DB parameters' (formulas)",
        check_values,
    ),
    Rule(
        "rds-parameter-size",
        "AWS, 'Huge pages for RDS for PostgreSQL' (90 % of memory); AWS, 'Specifying DB parameters' "
        "(DBInstanceClassMemory); pg_settings of PostgreSQL 15 (unit)",
        check_sizes,
    ),
    Rule("rds-parameter-timeout", "pg_settings of PostgreSQL 15 (unit ms)", check_timeouts),
    Rule(
        "rds-parameter-static",
        "RDS API, ModifyDBParameterGroup (immediate: dynamic parameters only); pg_settings of PostgreSQL 15 (context "
        "postmaster)",
        check_static,
    ),
    Rule(
        "rds-parameter-family",
        "RDS API, CreateDBParameterGroup (DBParameterGroupFamily); AWS, 'Using SSL with a PostgreSQL DB instance'",
        check_family,
    ),
    Rule(
        "rds-replica-parameters",
        "PostgreSQL 15, 'Hot Standby', Administrator's Overview",
        check_standbys,
    ),
)
