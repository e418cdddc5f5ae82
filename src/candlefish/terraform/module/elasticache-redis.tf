# The cache: one replication group with a primary and replicas in different zones, or several such shards (cluster mode).

locals {
  redis_sharded = var.cache_shards > 1

  # Clients of cluster mode ask the configuration endpoint for the shards; others are led to the primary.
  redis_endpoint = format("%s:%d",
    local.redis_sharded
    ? aws_elasticache_replication_group.redis.configuration_endpoint_address
    : aws_elasticache_replication_group.redis.primary_endpoint_address,
    aws_elasticache_replication_group.redis.port,
  )

  # The names that ElastiCache gives to the nodes: NAME-001 and so on, in cluster mode NAME-0001-001.
  redis_nodes = toset(local.redis_sharded ? [
    for pair in setproduct(range(1, var.cache_shards + 1), range(1, var.cache_nodes_per_shard + 1)) :
    format("%s-%04d-%03d", var.name, pair[0], pair[1])
  ] : [for number in range(1, var.cache_nodes_per_shard + 1) : format("%s-%03d", var.name, number)])
}

resource "aws_elasticache_subnet_group" "redis" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = local.private_subnet_ids
}

resource "aws_elasticache_parameter_group" "redis" {
  name        = "${var.name}-${var.cache_parameter_family}"
  family      = var.cache_parameter_family
  description = "Settings of ${var.name}'s cache, from its plan"

  dynamic "parameter" {
    for_each = var.cache_parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true          # another family is another group; the cache moves before the old one goes
    ignore_changes        = [description] # it can't be changed, and a new group of the same family has the same name
  }
}

resource "aws_cloudwatch_log_group" "redis" {
  for_each = toset(["engine-log", "slow-log"])

  name              = "/elasticache/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

# The token is read back from where it is kept, so that cache and secret agree even after an apply that failed half-way.
ephemeral "aws_secretsmanager_secret_version" "redis" {
  secret_id = aws_secretsmanager_secret_version.redis.secret_id
}

resource "aws_elasticache_replication_group" "redis" {
  replication_group_id = var.name
  description          = "Cache of ${var.name}"
  engine               = var.cache_engine
  engine_version       = var.cache_engine_version
  parameter_group_name = aws_elasticache_parameter_group.redis.name
  node_type            = var.cache_node_type
  port                 = 6379 # the engine's own; the security groups know it

  num_cache_clusters      = local.redis_sharded ? null : var.cache_nodes_per_shard
  num_node_groups         = local.redis_sharded ? var.cache_shards : null
  replicas_per_node_group = local.redis_sharded ? var.cache_nodes_per_shard - 1 : null

  automatic_failover_enabled = local.redis_sharded || var.cache_nodes_per_shard > 1 # cluster mode insists on it
  multi_az_enabled           = var.cache_nodes_per_shard > 1

  subnet_group_name  = aws_elasticache_subnet_group.redis.name
  security_group_ids = [aws_security_group.this["cache"].id]

  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  auth_token_wo              = jsondecode(ephemeral.aws_secretsmanager_secret_version.redis.secret_string)["auth_token"]
  auth_token_wo_version      = var.secrets_version
  auth_token_update_strategy = "ROTATE" # the token before stays valid until the next one comes: nobody is logged out

  snapshot_retention_limit  = var.cache_snapshot_days
  snapshot_window           = var.cache_snapshot_days > 0 ? "02:00-03:00" : null # UTC, an hour: the shortest, at night
  final_snapshot_identifier = var.cache_snapshot_days > 0 ? "${var.name}-final" : null

  maintenance_window         = "sun:06:30-sun:07:30" # UTC, an hour, after the database's: not all at once
  auto_minor_version_upgrade = true
  notification_topic_arn     = aws_sns_topic.cache_events.arn

  # Changes of log delivery are only taken at once (ElastiCache, "Log delivery"), and what waits for the maintenance
  # window would show as a difference in every plan until then.
  apply_immediately = true

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.redis

    content {
      log_type         = log_delivery_configuration.key
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = log_delivery_configuration.value.name
    }
  }
}
