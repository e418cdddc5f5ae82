"""Terraform's plugin protocol 6: its messages, out of `tfplugin6.proto`, and its values."""

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

PROTO = Path(__file__).with_name("tfplugin6.proto")
SERVICE = "tfplugin6.Provider"

Value = Any
"""What msgpack makes of a value of Terraform: dicts, lists, strings, numbers, booleans, None and UNKNOWN."""

UNKNOWN = msgpack.ExtType(0, b"\0")
ERROR = 1
"""Diagnostic.Severity.ERROR"""


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    with tempfile.NamedTemporaryFile(suffix=".pb") as compiled:
        status = protoc.main(["protoc", f"-I{PROTO.parent}", f"--descriptor_set_out={compiled.name}", PROTO.name])
        assert status == 0, f"{PROTO.name} does not compile"
        files = descriptor_pb2.FileDescriptorSet.FromString(Path(compiled.name).read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


@cache
def message(name: str) -> Any:
    """Give the class of a message, such as `Schema.Block`."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"tfplugin6.{name}"))


def handlers(answer: Callable[[str, Any], Any]) -> grpc.GenericRpcHandler:
    """Let `answer(method, request)` answer every method of the service."""

    def handler(method: str) -> Any:
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _: answer(method, request),
            request_deserializer=message(f"{method}.Request").FromString,
            response_serializer=message(f"{method}.Response").SerializeToString,
        )

    methods = [method.name for method in _pool().FindServiceByName(SERVICE).methods]
    return grpc.method_handlers_generic_handler(SERVICE, {method: handler(method) for method in methods})


def decode(packed: Any) -> Value:
    """Read a DynamicValue."""
    if packed.msgpack:
        return msgpack.unpackb(packed.msgpack, ext_hook=msgpack.ExtType, strict_map_key=False)
    return json.loads(packed.json) if packed.json else None


def encode(value: Value) -> Any:
    """Write a DynamicValue."""
    return message("DynamicValue")(msgpack=msgpack.packb(value))


def is_unknown(value: Value) -> bool:
    """Say whether Terraform does not know the value before it has applied."""
    return isinstance(value, msgpack.ExtType)


def error(summary: str, detail: str, *path: str) -> Any:
    """Make a diagnostic that names the attribute it is about."""
    step = message("AttributePath.Step")
    steps = message("AttributePath")(steps=[step(attribute_name=name) for name in path])
    return message("Diagnostic")(severity=ERROR, summary=summary, detail=detail, attribute=steps)
