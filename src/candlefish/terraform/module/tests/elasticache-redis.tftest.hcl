run "the_cache_is_encrypted_and_asks_for_its_token" {
  command = plan

  assert {
    condition = (
      aws_elasticache_replication_group.redis.transit_encryption_enabled
      && aws_elasticache_replication_group.redis.transit_encryption_mode == "required"
      && tobool(aws_elasticache_replication_group.redis.at_rest_encryption_enabled)
    )
    error_message = "no connection without TLS, nothing on a disk without encryption"
  }

  assert {
    condition     = aws_elasticache_replication_group.redis.auth_token_update_strategy == "ROTATE"
    error_message = "the token before must stay valid when a new one comes"
  }
}

run "a_replica_takes_over_where_there_is_one" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.redis.multi_az_enabled == (var.cache_nodes_per_shard > 1)
    error_message = "replicas stand in other zones"
  }

  assert {
    condition     = aws_elasticache_replication_group.redis.automatic_failover_enabled || var.cache_nodes_per_shard == 1
    error_message = "a replica takes over by itself"
  }
}

run "both_logs_are_delivered" {
  command = plan

  assert {
    condition     = toset(aws_elasticache_replication_group.redis.log_delivery_configuration[*].log_type) == toset(["engine-log", "slow-log"])
    error_message = "the slow log and the engine's own"
  }
}

run "shards_are_cluster_mode" {
  command = plan

  variables {
    cache_shards          = 2
    cache_nodes_per_shard = 3
  }

  assert {
    condition     = aws_elasticache_replication_group.redis.num_node_groups == 2 && aws_elasticache_replication_group.redis.replicas_per_node_group == 2
    error_message = "two shards, each with a primary and two replicas"
  }

  assert {
    condition     = local.redis_nodes == toset([for name in ["0001-001", "0001-002", "0001-003", "0002-001", "0002-002", "0002-003"] : "${var.name}-${name}"])
    error_message = "the nodes have the names that ElastiCache gives them"
  }

  assert {
    condition     = output.redis_cluster_mode && output.redis_reader_endpoint == ""
    error_message = "clients are told to speak cluster mode"
  }
}

run "a_family_of_another_version_is_refused" {
  command         = plan
  expect_failures = [var.cache_parameter_family]

  variables {
    cache_parameter_family = "redis6.x"
  }
}

run "a_version_with_three_numbers_is_refused" {
  command         = plan
  expect_failures = [var.cache_engine_version]

  variables {
    cache_engine           = "redis"
    cache_engine_version   = "7.1.0"
    cache_parameter_family = "redis7"
  }
}
