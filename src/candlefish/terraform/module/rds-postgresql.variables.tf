variable "database" {
  description = "Name of the database."
  type        = string
}

variable "postgres_version" {
  description = "Major version of PostgreSQL."
  type        = string
}

variable "database_class" {
  description = "Class of the primary and its standby."
  type        = string

  validation {
    condition     = startswith(var.database_class, "db.")
    error_message = "A class of databases begins with \"db.\"."
  }
}

variable "multi_az" {
  description = "Whether a synchronous standby in another zone takes over."
  type        = bool
}

variable "replica_class" {
  description = "Class of each read replica."
  type        = string

  validation {
    condition     = startswith(var.replica_class, "db.")
    error_message = "A class of databases begins with \"db.\"."
  }
}

variable "replica_count" {
  description = "Read replicas."
  type        = number

  validation {
    condition     = var.replica_count >= 0 && var.replica_count <= 15
    error_message = "RDS for PostgreSQL has at most 15 read replicas."
  }

  validation {
    condition     = var.replica_count == 0 || var.backup_retention_days > 0
    error_message = "RDS makes read replicas from a backup: keep backups for a day at least."
  }
}

variable "storage_gb" {
  description = "Storage of the primary and of each replica."
  type        = number
}

variable "storage_max_gb" {
  description = "How far RDS lets the storage grow by itself; null for not at all."
  type        = number

  validation {
    condition     = var.storage_max_gb == null || coalesce(var.storage_max_gb, 0) >= var.storage_gb * 1.1
    error_message = "RDS wants at least 10 % more than the storage."
  }
}

variable "storage_type" {
  description = "gp3, gp2, io1 or io2."
  type        = string
}

variable "storage_iops" {
  description = "Provisioned operations a second; null where the storage type decides."
  type        = number
  default     = null

  validation {
    condition     = var.storage_iops == null || var.storage_type != "gp3" || var.storage_gb >= 400
    error_message = "gp3 below 400 GB always has 3,000 IOPS."
  }
}

variable "storage_encrypted" {
  description = "Whether the storage is encrypted; it can't be changed later."
  type        = bool
}

variable "postgres_parameters" {
  description = "PostgreSQL's settings, in the units that RDS counts in."
  type        = map(string)
}

variable "replica_parameters" {
  description = "Settings that are different on the replicas, because their class is."
  type        = map(string)
}

variable "postgres_static_parameters" {
  description = "Those of the settings that PostgreSQL reads only when it starts, and those that RDS sets so anyway: AWS reports both as waiting for a reboot."
  type        = set(string)
}

variable "final_snapshot" {
  description = "Whether a last snapshot stays when the database is deleted, and the backup vault while it holds any."
  type        = bool
}
