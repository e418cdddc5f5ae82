"""Which memory, eviction policy and TTL give which hit ratio: Redis 7.0 simulated on recorded accesses."""
