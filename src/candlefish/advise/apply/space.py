"""How much disk a change takes, as far as anybody can know before."""

from candlefish.advise.advice import Recommendation
from candlefish.units import render_bytes


def space_words(one: Recommendation, size_bytes: int = 0) -> str:
    """Return what a change needs of the disk, or gives back; "" where its size is not known.

    `size_bytes` is that of the index which is built anew. PostgreSQL tells nobody, not even a superuser, how much room
    its disks have left, so there is nothing to compare it with.
    """
    if one.kind == "drop index":
        return f"gives back about {render_bytes(-one.size_bytes)} of disk" if one.size_bytes < 0 else ""
    size = size_bytes or one.size_bytes
    if size <= 0:
        return ""
    what = "for the new index beside the old one" if one.kind == "reindex" else "for the index"
    return (
        f"needs about {render_bytes(size)} of disk {what}, as much for its WAL until the next checkpoint, and up to as"
        " much for its sort while it is built"
    )
