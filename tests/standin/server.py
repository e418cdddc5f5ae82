"""Serve the stand-in to a Terraform that runs beside it.

Terraform connects to a provider that already runs (TF_REATTACH_PROVIDERS), as developers of providers let it do: it
installs nothing, writes no lock file for it, and one server answers every command of a test.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
from tests.standin import ADDRESS
from tests.standin.protocol import handlers
from tests.standin.provider import Provider

WORKERS = 8
"""Threads: Terraform asks ten things at a time."""

UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
"""Schemas are larger than the 4 MB that gRPC takes for a limit."""


@contextmanager
def serving(provider: Provider) -> Iterator[str]:
    """Serve; give what Terraform wants to read in TF_REATTACH_PROVIDERS."""
    with ThreadPoolExecutor(WORKERS) as workers, tempfile.TemporaryDirectory(prefix="standin-") as folder:
        server = grpc.server(workers, options=UNLIMITED)
        server.add_generic_rpc_handlers((handlers(provider.answer),))
        socket = Path(folder) / "socket"
        server.add_insecure_port(f"unix:{socket}")
        server.start()
        try:
            yield reattach(socket)
        finally:
            server.stop(grace=None).wait()


def reattach(socket: Path) -> str:
    """Say where the provider of that address listens; `Test` leaves its process alone when Terraform ends."""
    address = {"Network": "unix", "String": str(socket)}
    one = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}
    return json.dumps({ADDRESS: one})
