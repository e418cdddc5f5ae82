"""`Policy`: how long a value is kept, and what is served while loading takes long or fails."""

from dataclasses import dataclass

from candlefish.errors import UsageError


@dataclass(frozen=True, slots=True)
class Policy:
    """How long values are kept, and what may be served instead of a fresh one. Everything beyond a TTL is off at first.

    `ttl_s` is how long a value is fresh, shortened by a random share of up to `jitter_ratio` (never lengthened), so
    that what was loaded together does not end together. A loaded None is kept for `none_ttl_s` (0: not at all).

    After its time a value is kept on for the longer of two windows, both counted from the end of its freshness: in
    `stale_while_revalidate_s` it is served at once while one process loads it anew; in `stale_on_error_s` it is served
    when the loader fails, or has not answered after `soft_timeout_s` (the load goes on).

    A loader is ended after `hard_timeout_s`: its callers get the stale value if there is one, else LoadTimeout.

    `early_refresh` loads a value anew before its time ends, the likelier the nearer the end and the longer its last
    load took (XFetch; 1.0 is the paper's setting, more is earlier, 0 is off).
    """

    ttl_s: float = 300.0
    jitter_ratio: float = 0.1
    none_ttl_s: float = 30.0
    stale_while_revalidate_s: float = 0.0
    stale_on_error_s: float = 0.0
    soft_timeout_s: float | None = None
    hard_timeout_s: float | None = None
    early_refresh: float = 0.0

    def __post_init__(self) -> None:
        require_ttl(self.ttl_s)
        for name in ("none_ttl_s", "stale_while_revalidate_s", "stale_on_error_s", "early_refresh"):
            _require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("soft_timeout_s", "hard_timeout_s"):
            _require(getattr(self, name) is None or getattr(self, name) > 0, name, getattr(self, name), "more than 0")
        _require(0 <= self.jitter_ratio < 1, "jitter_ratio", self.jitter_ratio, "at least 0 and below 1")
        if self.soft_timeout_s is not None and not self.stale_on_error_s:
            raise UsageError(
                "a policy with soft_timeout_s needs stale_on_error_s: what would be served?",
                hint="stale_on_error_s says for how long after its time a value may be served instead",
            )

    @property
    def stale_s(self) -> float:
        """Give for how long a value is kept on after its time."""
        return max(self.stale_while_revalidate_s, self.stale_on_error_s)

    @property
    def times_entries(self) -> bool:
        """Tell whether an entry has to say until when it is fresh; else its TTL in Redis says it."""
        return self.stale_s > 0 or self.early_refresh > 0


def require_ttl(ttl_s: float) -> float:
    """Return the TTL; raise UsageError when it is none: a key without one would stay for ever."""
    _require(ttl_s > 0, "ttl_s", ttl_s, "more than 0")
    return ttl_s


def _require(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise UsageError(f"{name} is {value!r}: it has to be {wanted}")
