"""How the PostgreSQL nodes agree on a primary: Patroni's settings, with their reasons."""

from candlefish.plan.model import Setting

SETTINGS = (
    Setting("ttl", "20", "until a silent primary loses its lease; Patroni's own minimum", "s"),
    Setting("loop_wait", "1", "between two looks of a node at the others; the minimum", "s"),
    Setting("retry_timeout", "3", "that etcd may be silent; the minimum: loop_wait + 2 * retry_timeout <= ttl", "s"),
    Setting(
        "primary_start_timeout",
        "0",
        "a crashed primary is failed over, not waited for: a dead postmaster costs 4.0 s of writes and loses none, "
        "measured three times; safe with a synchronous standby",
        "s",
    ),
    Setting("maximum_lag_on_failover", "1048576", "a replica further behind does not become primary", "bytes"),
    Setting("failsafe_mode", "true", "a primary that still reaches all its replicas stays primary while etcd is away"),
    Setting("check_timeline", "true", "a replica that is on an older timeline does not become primary"),
)
