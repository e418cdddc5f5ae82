variable "cache_engine" {
  description = "\"redis\" or \"valkey\"; Valkey's nodes cost a fifth less."
  type        = string

  validation {
    condition     = contains(["redis", "valkey"], var.cache_engine)
    error_message = "ElastiCache has redis and valkey for replication groups."
  }
}

variable "cache_engine_version" {
  description = "Major and minor version of the engine."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+$", var.cache_engine_version))
    error_message = "From version 7 on ElastiCache takes major and minor, such as 7.1."
  }
}

variable "cache_parameter_family" {
  description = "Family of the parameter group: the engine and its major version."
  type        = string

  validation {
    condition     = var.cache_parameter_family == "${var.cache_engine}${split(".", var.cache_engine_version)[0]}"
    error_message = "The family is the engine and its major version, such as redis7 or valkey8."
  }
}

variable "cache_node_type" {
  description = "Class of each node."
  type        = string

  validation {
    condition     = startswith(var.cache_node_type, "cache.")
    error_message = "A class of cache nodes begins with \"cache.\"."
  }
}

variable "cache_shards" {
  description = "Shards; more than one is cluster mode."
  type        = number

  validation {
    condition     = var.cache_shards >= 1
    error_message = "There is at least one shard."
  }
}

variable "cache_nodes_per_shard" {
  description = "Nodes of each shard: one primary, the others are replicas."
  type        = number

  validation {
    condition     = var.cache_nodes_per_shard >= 1 && var.cache_nodes_per_shard <= 6
    error_message = "A shard has 1 to 6 nodes."
  }
}

variable "cache_parameters" {
  description = "The parameter group, by the engine's names."
  type        = map(string)
}

variable "cache_snapshot_days" {
  description = "Days that a daily snapshot is kept; 0 makes none."
  type        = number

  validation {
    condition     = var.cache_snapshot_days >= 0 && var.cache_snapshot_days <= 35
    error_message = "ElastiCache keeps automatic snapshots for 35 days at most."
  }
}
