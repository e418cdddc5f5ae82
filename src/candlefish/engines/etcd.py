"""etcd: the one place where the PostgreSQL nodes agree on who is primary."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any

from candlefish import process
from candlefish.engines.state import State
from candlefish.engines.supervisor import Program
from candlefish.errors import EngineError
from candlefish.plan.model import EtcdPlan

HEARTBEAT_MS, ELECTION_MS = 20, 200
"""One member has nobody to wait for: the defaults (100 and 1,000 ms) only delay its start by a second."""


def make_program(plan: EtcdPlan, state: State) -> Program:
    """Give etcd's command line."""
    client = f"http://{plan.host}:{plan.client_port}"
    peer = f"http://{plan.host}:{plan.peer_port}"
    options = {
        "name": plan.name,
        "data-dir": str(state.data / plan.name),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"{plan.name}={peer}",
        "heartbeat-interval": str(HEARTBEAT_MS),
        "election-timeout": str(ELECTION_MS),
        "auto-compaction-retention": "1h",
        "bcrypt-cost": "4",  # the cheapest: the password has 192 random bits, and Patroni logs in on every restart
        "log-level": "warn",
    }
    argv = (
        str(process.find_binary("etcd")),
        *(word for key, value in options.items() for word in (f"--{key}", value)),
    )
    return Program(plan.name, argv, priority=10)


def is_healthy(plan: EtcdPlan) -> bool:
    """Tell whether etcd answers."""
    try:
        with urllib.request.urlopen(f"http://{plan.host}:{plan.client_port}/health", timeout=1) as answer:
            return bool(json.load(answer)["health"] == "true")
    except (OSError, ValueError, KeyError):
        return False


def require_authentication(plan: EtcdPlan, password: str) -> None:
    """Make the user `root` with this password and switch authentication on; nothing happens when it is on."""
    if "token" in _post(plan, "auth/authenticate", {"name": "root", "password": password}):
        return
    for path, body in (
        ("auth/user/add", {"name": "root", "password": password}),
        ("auth/role/add", {"name": "root"}),
        ("auth/user/grant", {"user": "root", "role": "root"}),
        ("auth/enable", {}),
    ):
        answer = _post(plan, path, body)
        if "error" in answer and "already exists" not in answer["error"]:
            raise EngineError(f"etcd refused {path}", detail=str(answer["error"]))


def replace_value(plan: EtcdPlan, password: str, key: str, value: str) -> bool:
    """Give a key that is there another value; return False, and write nothing, when it is not there."""
    token = str(_post(plan, "auth/authenticate", {"name": "root", "password": password}).get("token", ""))
    encoded = base64.b64encode(key.encode()).decode()
    if "kvs" not in _post(plan, "kv/range", {"key": encoded}, token):
        return False
    body = {"key": encoded, "value": base64.b64encode(value.encode()).decode()}
    answer = _post(plan, "kv/put", body, token)
    if "error" in answer:
        raise EngineError(f"etcd did not take {key}", detail=str(answer["error"]), hint="see `candlefish logs etcd`")
    return True


def _post(plan: EtcdPlan, path: str, body: dict[str, str], token: str = "") -> dict[str, Any]:
    url = f"http://{plan.host}:{plan.client_port}/v3/{path}"
    headers = {"Authorization": token} if token else {}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
