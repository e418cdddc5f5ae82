output "db_instance_endpoint" {
  description = "Address and port of the database"
  value       = aws_db_instance.main.endpoint
}

output "redis_endpoint" {
  description = "Address and port of the cache"
  value       = "${aws_elasticache_replication_group.redis.primary_endpoint_address}:6379"
}

output "policy" {
  description = "Who may read the secrets"
  value       = aws_iam_policy.read.policy
}
