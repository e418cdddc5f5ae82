"""The machine at hand, as the plan sees it. Whoever calls the plan reads it and hands it in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides sizes here: cores, memory, the hard limit of open files, who runs candlefish, the kernel."""

    cores: int
    memory_bytes: int
    open_files_hard: int
    is_root: bool
    system: str = "Linux"
