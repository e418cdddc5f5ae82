"""How a benchmark ends that can't go on: with a message instead of a traceback, and without its server."""

import contextlib
import signal
import sys
from collections.abc import Iterator

from candlefish.errors import CandlefishError
from harness.fresh import FreshFailed


@contextlib.contextmanager
def told() -> Iterator[None]:
    """End the program when something is missing, when a row's process can't be used, at Ctrl-C, or at SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except CandlefishError as error:
        sys.exit(str(error))
    except FreshFailed as error:
        sys.exit(f"a process of the benchmark ended: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
