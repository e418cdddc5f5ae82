"""PgBouncer on ECS: connections counted for all tasks, graceful stops, silence, and the sizes that Fargate has."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from candlefish.plan.aws.pooler import FARGATE_OPEN_FILES, NLB_IDLE_S, ON_PRIMARY, ON_REPLICA
from candlefish.plan.objectives import find_objective
from candlefish.results import Finding
from candlefish.terraform.rules.containers import TASK, all_containers, containers, environment
from candlefish.terraform.rules.database import is_replica
from candlefish.terraform.rules.finding import doubtful, number, wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

SETTINGS, VARIABLE = "PGBOUNCER_SETTINGS", "pgbouncer_settings"
"""The variable of the container that holds PgBouncer's settings, and the module's that it is made from."""

DEFAULT_PERCENT = 200
"""Tasks during a deployment, in percent of those wanted, where the service does not say."""

STOP_DEFAULT_S, STOP_MAX_S = 30, 120
"""What Fargate waits between SIGTERM and SIGKILL, without being told and at most."""

STOP_MARGIN_S = 10
"""Between the end of the drain and SIGKILL: to close what is left and to end."""

IDLE_RANGE_S = (60, 6000)
KEEPIDLE_DEFAULT_S = 7200
"""Of Linux, where PgBouncer's tcp_keepidle says nothing."""

FARGATE = {
    256: (512, 1024, 2048),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
"""Memory in MiB that goes with each number of CPU units."""


@dataclass(frozen=True, slots=True)
class Pooler:
    """The service of a task definition that runs PgBouncer, and PgBouncer's settings in each task."""

    task: Resource
    settings: Mapping[str, str]
    tasks: int


def check_connections(planned: Planned) -> Iterator[Finding]:
    """Find pools that all tasks together make too large for a database or for a server."""
    primary, replica = _databases(planned)
    promised, alarm = _promised(planned)
    for pooler in _poolers(planned):
        each = number(pooler.settings.get("max_db_connections"))
        if not each:
            message = "no limit of server connections for a database"
            yield wrong(pooler.task, "max_db_connections", message, "set it: tasks share the database")
            continue
        of_database = each * pooler.tasks
        on_server = of_database * max(primary, replica)
        counted = f"{each:g} in each of {pooler.tasks} tasks, the most at once"
        if of_database > promised:
            message = f"{counted}: {of_database:g} connections of a database, promised are at most {promised:g}"
            yield wrong(pooler.task, "max_db_connections", message)
        if on_server > alarm:
            message = (
                f"{counted}, of {max(primary, replica)} databases: {on_server:g} on a server, an alarm at {alarm:g}"
            )
            yield wrong(pooler.task, "max_db_connections", message)


def _promised(planned: Planned) -> tuple[float, float]:
    """Return the connections promised for a database, and those of a server at which somebody is told."""
    database, server = find_objective("server_connections").target, find_objective("connections_on_a_server").alert
    if database is None or server is None:
        raise ValueError("server_connections has no target, or connections_on_a_server no alert")
    alarms = (
        number(alarm.get("threshold"))
        for alarm in planned.of("aws_cloudwatch_metric_alarm")
        if alarm.get("metric_name") == "DatabaseConnections"
    )
    return database, min([server.threshold, *(limit for limit in alarms if limit)])


def _databases(planned: Planned) -> tuple[int, int]:
    """Return how many databases of the pooler lead to the primary, and how many to one replica."""
    if any(map(is_replica, planned.of("aws_db_instance"))):
        return len(ON_PRIMARY), len(ON_REPLICA)
    return len(ON_PRIMARY) + len(ON_REPLICA), 0


def _poolers(planned: Planned) -> Iterator[Pooler]:
    for task in planned.of(TASK):
        settings = _settings(planned, task)
        if settings is None:
            continue
        services = [
            one for one in planned.of("aws_ecs_service") if task in planned.linked(one, "task_definition", TASK)
        ]
        for service in services:
            yield Pooler(task, settings, _most_tasks(planned, service))


def _settings(planned: Planned, task: Resource) -> Mapping[str, str] | None:
    """Return PgBouncer's settings; before the first apply, where the container is unknown, those of the variable."""
    for container in containers(task):
        if text := environment(container).get(SETTINGS):
            found = json.loads(text)
            return found if isinstance(found, dict) else None
    if f"var.{VARIABLE}" in task.refers_to("container_definitions") and task.is_unknown("container_definitions"):
        found = planned.variables.get(VARIABLE)
        return found if isinstance(found, dict) else None
    return None


def _most_tasks(planned: Planned, service: Resource) -> int:
    """Return the tasks that there can be at once: a deployment while autoscaling is at its end."""
    targets = (
        number(target.get("max_capacity"))
        for target in planned.of("aws_appautoscaling_target")
        if str(target.get("resource_id")).endswith(f"/{service.get('name')}")
    )
    wanted = max([number(service.get("desired_count")) or 1, *(most for most in targets if most)])
    percent = number(service.get("deployment_maximum_percent")) or DEFAULT_PERCENT
    return int(wanted * percent / 100)


def check_stop(planned: Planned) -> Iterator[Finding]:
    """Find containers that are killed before they have drained."""
    for task, container in all_containers(planned):
        given, drain = number(container.get("stopTimeout")), number(environment(container).get("DRAIN_S"))
        waits = STOP_DEFAULT_S if given is None else given
        if waits > STOP_MAX_S:
            yield wrong(task, "stopTimeout", f"{waits:g} s: Fargate waits {STOP_MAX_S} s at most")
        if drain is not None and waits < drain + STOP_MARGIN_S:
            message = f"{waits:g} s, but the container drains for {drain:g} s"
            yield wrong(task, "stopTimeout", message, f"at least {STOP_MARGIN_S} s more than DRAIN_S")


def check_silence(planned: Planned) -> Iterator[Finding]:
    """Find connections that the load balancer forgets before PgBouncer asks whether the client is still there."""
    for pooler in _poolers(planned):
        on = pooler.settings.get("tcp_keepalive", "1") not in ("0", "off", "false")
        idle = number(pooler.settings.get("tcp_keepidle")) or KEEPIDLE_DEFAULT_S
        for listener in _listeners(planned):
            forgets = number(listener.get("tcp_idle_timeout_seconds")) or NLB_IDLE_S
            if not on:
                yield wrong(pooler.task, "tcp_keepalive", f"off: after {forgets:g} s of silence a connection is gone")
            elif idle >= forgets:
                message = f"{idle:g} s, but {listener.address} forgets a connection after {forgets:g} s"
                yield wrong(pooler.task, "tcp_keepidle", message)
    for listener in _listeners(planned):
        forgets = number(listener.get("tcp_idle_timeout_seconds")) or NLB_IDLE_S
        if not IDLE_RANGE_S[0] <= forgets <= IDLE_RANGE_S[1]:
            message = f"{forgets:g}: from {IDLE_RANGE_S[0]} to {IDLE_RANGE_S[1]} s"
            yield wrong(listener, "tcp_idle_timeout_seconds", message)


def _listeners(planned: Planned) -> Iterator[Resource]:
    return (one for one in planned.of("aws_lb_listener") if one.get("protocol") == "TCP")


def check_size(planned: Planned) -> Iterator[Finding]:
    """Find tasks of a size that Fargate does not have."""
    for task in planned.of(TASK):
        if "FARGATE" not in (task.get("requires_compatibilities") or ()):
            continue
        cpu, memory = number(task.get("cpu")), number(task.get("memory"))
        if cpu is not None and cpu not in FARGATE:
            yield wrong(task, "cpu", f"{cpu:g} CPU units: one of {', '.join(map(str, FARGATE))}")
        elif cpu is not None and memory is not None and memory not in FARGATE[int(cpu)]:
            choices = FARGATE[int(cpu)]
            message = f"{memory:g} MiB with {cpu:g} CPU units: from {choices[0]} to {choices[-1]} in steps"
            yield wrong(task, "memory", message, "1,024 to a GB")


def check_files(planned: Planned) -> Iterator[Finding]:
    """Find tasks with fewer open files than clients, or more than Fargate gives."""
    for task, container in all_containers(planned):
        files = [one for one in container.get("ulimits") or () if one.get("name") == "nofile"]
        for limit in files:
            if limit.get("hardLimit", 0) > FARGATE_OPEN_FILES:
                yield wrong(task, "ulimits", f"{limit['hardLimit']} open files: at most {FARGATE_OPEN_FILES}")
        settings = json.loads(environment(container).get(SETTINGS, "{}"))
        clients = number(settings.get("max_client_conn"))
        has = max((limit.get("softLimit", 0) for limit in files), default=FARGATE_OPEN_FILES)
        if clients is not None and has <= clients:
            yield wrong(task, "ulimits", f"{has} open files for {clients:g} clients and the servers")


def check_spread(planned: Planned) -> Iterator[Finding]:
    """Find a pooler that is one task, and so away during its failure."""
    for pooler in _poolers(planned):
        for service in planned.of("aws_ecs_service"):
            few = number(service.get("desired_count"))
            if few == 1 and pooler.task in planned.linked(service, "task_definition", TASK):
                yield doubtful(service, "desired_count", "1: a failure of the task is a failure of the database")


RULES = (
    Rule(
        "pooler-connections",
        "plan/objectives.py: server_connections, connections_on_a_server; ECS API, DeploymentConfiguration "
        "(maximumPercent, rounded down)",
        check_connections,
    ),
    Rule("stop-timeout", "ECS API, ContainerDefinition (stopTimeout: 30 s, at most 120 s on Fargate)", check_stop),
    Rule(
        "keepalive",
        "AWS, 'Update the TCP idle timeout for your Network Load Balancer listener' (350 s; 60 to 6,000 s)",
        check_silence,
    ),
    Rule("fargate-size", "ECS API, RegisterTaskDefinition (memory: values for each cpu)", check_size),
    Rule("open-files", "ECS API, Ulimit (nofile on Fargate: 65,535)", check_files),
    Rule("pooler-spread", "plan/objectives.py: failover is automatic", check_spread),
)
