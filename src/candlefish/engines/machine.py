"""What this machine has."""

import os
import platform
import resource

import psutil

from candlefish import process
from candlefish.plan.machine import Machine


def read_machine() -> Machine:
    """Return the cores, the memory and the open files that this machine gives to the tier."""
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        open_files_hard=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        is_root=process.is_root(),
        system=platform.system(),
    )
