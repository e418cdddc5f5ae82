"""Which rows the workload asks for, and how many different cache keys that can make."""

import json
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from uuid import UUID

from candlefish.demo.keys import email, key, rows
from candlefish.demo.zipf import Zipf, probability

ONLINE_USERS, OPEN_DASHBOARDS, ACTIVE_ORGANIZATIONS = 150, 120, 40
"""Who is in the product within one cache lifetime (300 s) at scale 1: what their screens show can be cached.

The other reads and all writes range over the whole tables. 150 people with 120 dashboards on their screens, each
refreshing itself every few seconds, are what some hundred requests a second come from.
"""

FEWEST = 10
"""Keys of each kind that a tiny scale still has."""

METRIC_NAMES = ("cpu", "memory", "latency", "errors", "requests", "queue", "disk", "network")
TEAMS = 400
RECENT_REQUESTS = 0.1
"""Support looks for requests among this newest share of the activity log."""


@dataclass(frozen=True, slots=True)
class Keyspace:
    """The cacheable keys of one scale; everything drawn from it is Zipf with exponent 0.99."""

    scale: float
    online_users: int
    open_dashboards: int
    active_organizations: int

    @property
    def cacheable_keys(self) -> int:
        """Return how many different cache keys the workload can ask for."""
        return sum(items for items, _ in self.cached_reads({}))

    def cached_reads(self, weights: dict[str, float]) -> tuple[tuple[int, float], ...]:
        """Return (keys, weight) for each cached read, by the weights of the operations."""
        sizes = {
            "user_dashboards": self.online_users,
            "dashboard_page": self.open_dashboards,
            "organization_overview": self.active_organizations,
            "organization_sources": self.active_organizations,
        }
        return tuple((items, weights.get(name, 0.0)) for name, items in sizes.items())

    def expected_ceiling(self, weights: dict[str, float], *, warm_up: int, measured: int) -> float:
        """Return the hit ratio (0 to 1) that a cache which never forgets is expected to reach.

        `warm_up` and `measured` count the workload's requests, all operations together; only a key's first read misses.
        """
        total = sum(weights.values())
        reads = misses = 0.0
        for items, weight in self.cached_reads(weights):
            before, during = warm_up * weight / total, measured * weight / total
            reads += during
            for rank in range(1, items + 1):
                unseen = 1.0 - probability(rank, items)
                misses += unseen**before - unseen ** (before + during)
        return 1.0 - misses / reads if reads else 0.0


def keyspace(scale: float) -> Keyspace:
    """Return the cacheable key space of a scale."""

    def sized(items: int, table: str) -> int:
        return min(rows(table, scale), max(FEWEST, round(items * scale)))

    return Keyspace(
        scale,
        sized(ONLINE_USERS, "users"),
        sized(OPEN_DASHBOARDS, "dashboards"),
        sized(ACTIVE_ORGANIZATIONS, "organizations"),
    )


@lru_cache(maxsize=64)
def _zipf(items: int) -> Zipf:
    return Zipf(items)


@dataclass(frozen=True, slots=True)
class Pick:
    """Draws the arguments of one request."""

    space: Keyspace
    random: Random

    def _rank(self, items: int) -> int:
        return _zipf(items).draw(self.random)

    def online_user(self) -> UUID:
        """Return a user whose screens are open now (cacheable)."""
        return key("users", self._rank(self.space.online_users))

    def open_dashboard(self) -> UUID:
        """Return a dashboard that is on somebody's screen now (cacheable)."""
        return key("dashboards", self._rank(self.space.open_dashboards))

    def active_organization(self) -> UUID:
        """Return an organisation whose people are at work now (cacheable)."""
        return key("organizations", self._rank(self.space.active_organizations))

    def any_of(self, table: str) -> UUID:
        """Return a row of the whole table, by popularity."""
        return key(table, self._rank(rows(table, self.space.scale)))

    def quiet_dashboard(self) -> UUID:
        """Return a dashboard from the less popular half, each as likely as the other."""
        items = rows("dashboards", self.space.scale)
        return key("dashboards", self.random.randint(items // 2, items))

    def address(self) -> str:
        """Return the address of a user of the whole table, by popularity."""
        return email(self._rank(rows("users", self.space.scale)))

    def service_name(self) -> str:
        """Return the name under which a service reports, by popularity."""
        return f"service-{self._rank(rows('services', self.space.scale))}"

    def metric(self) -> str:
        """Return the name of a metric."""
        return self.random.choice(METRIC_NAMES)

    def chart_of_service(self) -> str:
        """Return the part of a widget's configuration that names one service (JSON)."""
        service = self.random.randint(1, rows("services", self.space.scale))
        return json.dumps({"query": {"service": f"service-{service}"}})

    def request(self) -> str:
        """Return the identifier of one recent request."""
        newest = rows("activity_logs", self.space.scale)
        return f"req-{self.random.randint(int(newest * (1 - RECENT_REQUESTS)), newest)}"

    def incident(self) -> str:
        """Return the part of a decision's context that names one incident (JSON)."""
        return json.dumps({"incident": f"inc-{self.random.randint(0, rows('agent_decisions', self.space.scale) // 4)}"})

    def team(self) -> str:
        """Return the name of a team."""
        return f"team-{self.random.randint(1, TEAMS)}"
