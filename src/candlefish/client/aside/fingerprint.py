"""Four bytes that name a type as it is kept: a value of one type is never read as another."""

from hashlib import blake2b
from typing import Any

import msgspec

from candlefish.client.aside.codec import is_read_by_hook
from candlefish.client.aside.entry import FINGERPRINT_BYTES

_SAID_ONLY = ("title", "description")
"""Parts of a schema that document it: a corrected docstring is no other type."""


def make_fingerprint(shape: Any, codec: str) -> bytes:
    """Return the fingerprint of a type under a codec, the same in every process; raise TypeError for an unknown type.

    It follows the JSON schema, and the fields of what is kept as an array. What these do not tell apart (the types of
    a dict's keys) the decoder does.
    """
    schema = _strip(msgspec.json.schema(shape, schema_hook=_read_schema))
    arrays = _name_array_fields(msgspec.inspect.type_info(shape))
    text = msgspec.json.encode([codec, schema, arrays], order="deterministic")
    return blake2b(text, digest_size=FINGERPRINT_BYTES).digest()


def _read_schema(shape: Any) -> dict[str, Any]:
    if hasattr(shape, "model_json_schema"):
        schema: dict[str, Any] = shape.model_json_schema()
        return schema
    if is_read_by_hook(shape):
        return {"type": "string", "format": shape.__name__.lower()}
    raise TypeError(f"{shape.__name__} is neither a type that msgspec knows nor a pydantic model")


def _name_array_fields(shape: msgspec.inspect.Type) -> list[list[str]]:
    """Name the fields of each `array_like` Struct in a type: its schema tells their types alone."""
    found: list[list[str]] = []
    seen: set[int] = set()
    due: list[object] = [shape]
    while due:
        part = due.pop()
        if isinstance(part, tuple):
            due.extend(part)
        elif isinstance(part, msgspec.inspect.Type | msgspec.inspect.Field) and id(part) not in seen:
            seen.add(id(part))
            if isinstance(part, msgspec.inspect.StructType) and part.array_like:
                found.append([field.encode_name for field in part.fields])
            due.extend(getattr(part, name) for name in part.__struct_fields__)
    return found


def _strip(schema: Any) -> Any:
    """Drop what only documents; a property that is called `title` stays, since its value is a schema."""
    if isinstance(schema, dict):
        return {
            name: _strip(part) for name, part in schema.items() if name not in _SAID_ONLY or not isinstance(part, str)
        }
    return [_strip(part) for part in schema] if isinstance(schema, list) else schema
