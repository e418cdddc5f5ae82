"""The process of one row: call the function that argv names with the argument in argv, print what it returns."""

import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any, get_type_hints

import msgspec


def main() -> None:
    """Read the argument as the type that the function's parameter is annotated with."""
    module, name = sys.argv[1].split(":")
    function: Callable[[Any], Any] = getattr(import_module(module), name)
    kind = next(iter(get_type_hints(function).values()))
    try:
        result = function(msgspec.json.decode(sys.argv[2], type=kind))
    except Exception:  # noqa: BLE001 - told, whatever it was
        traceback.print_exc()
        os._exit(1)
    print(msgspec.json.encode(result).decode(), flush=True)
    os._exit(0)  # some clients' threads and open connections would keep the process, for seconds or for good


if __name__ == "__main__":
    main()
