"""Patroni: one for each PostgreSQL node; it starts the server, keeps its role in etcd and fails over."""

import json
import urllib.error
import urllib.request
from typing import Any

import yaml

from candlefish import process
from candlefish.engines.runtime import Runtime
from candlefish.engines.secrets import Secrets
from candlefish.engines.state import State
from candlefish.engines.supervisor import Program
from candlefish.errors import EngineError
from candlefish.plan.model import EtcdPlan, Plan, PostgresNode, PostgresPlan

SUPERUSER = "postgres"

RESTART_S = 60
"""Seconds a stopping node has for its shutdown checkpoint before supervisord kills it."""


def make_program(node: PostgresNode, state: State, runtime: Runtime) -> Program:
    """Give the command line of one node's Patroni."""
    argv = (*runtime.python, "-m", "patroni", str(state.config / f"{node.name}.yml"))
    return Program(node.name, argv, priority=20, stop_wait_s=RESTART_S, env=runtime.env)


def dynamic_config(plan: PostgresPlan) -> dict[str, Any]:
    """Give what all nodes share; Patroni keeps it in etcd and applies changes to it while it runs."""
    replicated = len(plan.nodes) > 1
    return {
        **{setting.name: yaml.safe_load(setting.value) for setting in plan.agreement},
        "synchronous_mode": replicated and plan.synchronous != "off",
        "synchronous_mode_strict": replicated and plan.synchronous == "strict",
        "synchronous_node_count": 1,
        "slots": {slot: {"type": "logical", "database": plan.database, "plugin": "pgoutput"} for slot in plan.slots},
        "postgresql": {
            "use_pg_rewind": True,
            "use_slots": True,
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
            "parameters": {setting.name: setting.value for setting in plan.settings},
        },
    }


def render_config(plan: Plan, node: PostgresNode, state: State, secrets: Secrets) -> str:
    """Write one node's Patroni configuration."""
    # Patroni waits for its own clients and so does the pooler: nothing else may listen beyond loopback.
    hba = [
        "local all all scram-sha-256",
        "host replication replicator 127.0.0.0/8 scram-sha-256",
        "host all all 127.0.0.0/8 scram-sha-256",
    ]
    config = {
        "scope": state.name,
        "name": node.name,
        "log": {"level": "INFO", "format": "%(asctime)s %(levelname)s %(message)s"},
        "restapi": {
            "listen": f"{node.host}:{node.rest_port}",
            "connect_address": f"{node.host}:{node.rest_port}",
            "authentication": {"username": "patroni", "password": secrets.patroni},
        },
        "etcd3": _etcd(plan.etcd, secrets),
        "bootstrap": {
            "dcs": dynamic_config(plan.postgres),
            "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
        },
        "postgresql": {
            "listen": f"{node.host}:{node.port}",
            "connect_address": f"{node.host}:{node.port}",
            "data_dir": str(state.data / node.name),
            "bin_dir": str(process.find_binary("postgres").parent),
            "pgpass": str(state.run / f"pgpass-{node.name}"),
            "create_replica_methods": ["basebackup"],
            "basebackup": [{"checkpoint": "fast"}],  # a spread checkpoint makes the copy wait for a minute
            "authentication": {
                "superuser": {"username": SUPERUSER, "password": secrets.superuser},
                "replication": {"username": "replicator", "password": secrets.replicator},
                "rewind": {"username": "rewind", "password": secrets.rewind},
            },
            "parameters": {"unix_socket_directories": ""},  # all nodes have one port: their sockets would collide
            "pg_hba": hba,
        },
        "watchdog": {"mode": "off"},
    }
    return yaml.safe_dump(config, sort_keys=False)


def _etcd(plan: EtcdPlan, secrets: Secrets) -> dict[str, str]:
    return {"hosts": f"{plan.host}:{plan.client_port}", "username": "root", "password": secrets.etcd}


def fetch_members(plan: PostgresPlan) -> dict[str, dict[str, Any]]:
    """Return what the cluster says of each node (role, state, timeline, lag), by name, from whoever answers first."""
    for node in plan.nodes:
        try:
            with urllib.request.urlopen(f"{_url(node)}/cluster", timeout=1) as answer:
                return {member["name"]: member for member in json.load(answer)["members"]}
        except (OSError, ValueError, KeyError):
            continue
    return {}


def fetch_leader(plan: PostgresPlan) -> PostgresNode | None:
    """Return the node that holds the leader key and runs as primary, or None."""
    for node in plan.nodes:
        try:
            with urllib.request.urlopen(f"{_url(node)}/primary", timeout=1):
                return node
        except OSError:
            continue
    return None


def reconfigure(plan: PostgresPlan, secrets: Secrets) -> None:
    """Hand the running cluster the present settings; those that need a restart wait for one."""
    for node in plan.nodes:
        try:
            _tell(node, "PATCH", "config", dynamic_config(plan), secrets)
            return
        except EngineError:  # the settings are the cluster's: any node that answers takes them
            if node == plan.nodes[-1]:
                raise


def reinitialize(node: PostgresNode, secrets: Secrets) -> None:
    """Have a replica throw its data away and copy the primary anew; raise EngineError when Patroni refuses."""
    _tell(node, "POST", "reinitialize", {"force": True}, secrets)


def _tell(node: PostgresNode, method: str, path: str, body: dict[str, Any], secrets: Secrets) -> None:
    request = urllib.request.Request(f"{_url(node)}/{path}", data=json.dumps(body).encode(), method=method)
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, _url(node), "patroni", secrets.patroni)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
    try:
        opener.open(request, timeout=5).close()
    except OSError as error:
        raise EngineError(
            f"Patroni of {node.name} refused {path}", detail=str(error), hint=f"see `candlefish logs {node.name}`"
        ) from error


def _url(node: PostgresNode) -> str:
    return f"http://{node.host}:{node.rest_port}"
