"""The values: a text for plain gets, a product for typed ones; both tell which key they belong to."""

import json
from typing import Any

import msgspec


class Product(msgspec.Struct):
    """What an application would keep: flat, and mostly a text."""

    id: int
    name: str
    price: float
    tags: list[str]
    active: bool
    text: str


def key_of(number: int) -> str:
    """Return the key of a number."""
    return f"product:{number}"


def text_of(number: int, value_bytes: int) -> bytes:
    """Return the value of a key: so many bytes, which no other key has."""
    word = f"{number}:".encode()
    return (word * (value_bytes // len(word) + 1))[:value_bytes]


def product_of(number: int, value_bytes: int) -> dict[str, Any]:
    """Return a product whose JSON has so many bytes (and at least the 80 or so of its other fields)."""
    product = {
        "id": number,
        "name": f"product {number}",
        "price": 19.99,
        "tags": ["a", "b", "c"],
        "active": True,
        "text": "",
    }
    product["text"] = "x" * (value_bytes - len(to_json(product)))
    return product


def to_json(value: object) -> str:
    """Return JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))
