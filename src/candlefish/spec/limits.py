"""Limits that the checks and the plan share."""

RESERVED_CONNECTIONS = 13
"""Server connections not given to pools: superuser_reserved_connections (10), and three for monitoring."""

ENDPOINTS_ON_ONE_SERVER = 4
"""main, session, read and analytics all lead to one server when it is alone."""

PORT_SPAN = 50
"""Ports from port_base on that the tier keeps for its programs; PgBouncer's comes right after them."""

FIRST_PORT, LAST_PORT = 1024, 32767
"""Below, only root may listen; above, Linux hands ports to outgoing connections (and took one of ours, measured)."""


def pool_room(max_connections: int) -> int:
    """Return how many server connections each of the pooler's databases may have, so that all fit on one server."""
    return (max_connections - RESERVED_CONNECTIONS) // ENDPOINTS_ON_ONE_SERVER
