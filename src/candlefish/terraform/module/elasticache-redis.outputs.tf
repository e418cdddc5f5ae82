output "redis_endpoint" {
  description = "The cache, host:port: its primary, or the configuration endpoint of cluster mode. TLS and the token are needed."
  value       = local.redis_endpoint
}

output "redis_reader_endpoint" {
  description = "The cache's replicas, host:port; empty where there are none, and in cluster mode, whose clients know them."
  value = (
    local.redis_sharded || var.cache_nodes_per_shard == 1
    ? ""
    : format("%s:%d", aws_elasticache_replication_group.redis.reader_endpoint_address, aws_elasticache_replication_group.redis.port)
  )
}

output "redis_cluster_mode" {
  description = "Whether the cache is in cluster mode: clients must speak it."
  value       = local.redis_sharded
}
