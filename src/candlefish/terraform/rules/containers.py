"""Containers of a task definition, where they are known: after the first apply."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from candlefish.terraform.rules.planned import Planned, Resource

TASK = "aws_ecs_task_definition"

Container = Mapping[str, Any]


def containers(task: Resource) -> tuple[Container, ...]:
    """Return the containers of a task definition; none where AWS decides something in them."""
    text = task.get("container_definitions")
    try:
        found = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def all_containers(planned: Planned) -> Iterator[tuple[Resource, Container]]:
    """Give every known container with its task definition."""
    return ((task, container) for task in planned.of(TASK) for container in containers(task))


def environment(container: Container) -> dict[str, str]:
    """Return the plain variables of a container."""
    return {str(one.get("name")): str(one.get("value", "")) for one in container.get("environment") or ()}
