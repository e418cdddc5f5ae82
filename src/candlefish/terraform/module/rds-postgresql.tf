# PostgreSQL: a primary with a synchronous standby in another zone, and read replicas.

locals {
  replicas = { for number in range(1, var.replica_count + 1) : number => "${var.name}-replica-${number}" }

  # Upgrades are logged by the primary alone.
  database_logs = concat(
    ["${var.name}/postgresql", "${var.name}/upgrade"],
    [for replica in values(local.replicas) : "${replica}/postgresql"],
  )

  # The replicas' parameters differ where their class does; what a standby needs as much of as its primary does not.
  parameter_groups = merge(
    { primary = var.postgres_parameters },
    var.replica_count > 0 ? { replica = merge(var.postgres_parameters, var.replica_parameters) } : {},
  )

  # The nights of the replicas' maintenance, one after the other, before the primary's Sunday.
  replica_nights = ["mon", "tue", "wed", "thu", "fri", "sat"]
}

resource "aws_db_subnet_group" "main" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = local.private_subnet_ids
}

resource "aws_db_parameter_group" "this" {
  for_each = local.parameter_groups

  name_prefix = "${var.name}-${each.key}-" # the tag has the whole name
  family      = "postgres${var.postgres_version}"
  description = "Settings of ${var.name}'s ${each.key}, from its plan"

  dynamic "parameter" {
    for_each = each.value

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(var.postgres_static_parameters, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  tags = { Name = "${var.name}-${each.key}-postgres${var.postgres_version}" }

  lifecycle {
    create_before_destroy = true # a group that a server uses can't be deleted; its family and its text can't be changed
  }
}

# Made here, so that they are encrypted and end: RDS would make them without either.
resource "aws_cloudwatch_log_group" "database" {
  for_each = toset(local.database_logs)

  name              = "/aws/rds/instance/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

# The password is read back from where it is kept, so that database and secret agree even after an apply that failed
# half-way.
ephemeral "aws_secretsmanager_secret_version" "admin" {
  secret_id = aws_secretsmanager_secret_version.account["admin"].secret_id
}

# A new major version is no change of this module's (candlefish, docs/aws.md): RDS refuses it without
# allow_major_version_upgrade, and its parameter group would have to come in the same moment, with apply_immediately.
resource "aws_db_instance" "main" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.postgres_version # the newest minor one, and RDS keeps it so
  instance_class = var.database_class
  multi_az       = var.multi_az

  db_name             = var.database
  username            = var.admin_user
  password_wo         = jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]
  password_wo_version = var.secrets_version
  port                = local.ports.postgresql

  allocated_storage     = var.storage_gb
  max_allocated_storage = var.storage_max_gb
  storage_type          = var.storage_type
  iops                  = var.storage_iops
  storage_encrypted     = var.storage_encrypted
  kms_key_id            = var.storage_encrypted ? aws_kms_key.main.arn : null

  parameter_group_name   = aws_db_parameter_group.this["primary"].name
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.this["database"].id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1" # in the bundle that the pooler verifies against; valid to 2061

  iam_database_authentication_enabled = true # for people; the pooler's connections outlive a token of 15 minutes
  auto_minor_version_upgrade          = true
  engine_lifecycle_support            = "open-source-rds-extended-support-disabled" # or an old version is charged by the hour
  apply_immediately                   = false                                       # what restarts the server waits for its window

  backup_retention_period   = var.backup_retention_days
  backup_window             = "03:00-04:00"         # UTC, at night, after the cache's snapshot
  maintenance_window        = "sun:04:30-sun:05:30" # UTC, after the backup: the two may not overlap
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false # they stay for their time when the instance goes
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null

  database_insights_mode                = "standard" # no charge; "advanced" is billed for each vCPU
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7  # days: what "standard" keeps
  monitoring_interval                   = 60 # seconds between looks at the processes: the cheapest that there is
  monitoring_role_arn                   = aws_iam_role.database_monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]

  # RDS makes log groups that are missing itself, and refuses a role that may not write yet.
  depends_on = [aws_cloudwatch_log_group.database, aws_iam_role_policy_attachment.database_monitoring]
}

resource "aws_db_instance" "replica" {
  for_each = local.replicas

  identifier          = each.value
  replicate_source_db = aws_db_instance.main.identifier # engine, version, user, password and database come from there
  instance_class      = var.replica_class

  # One zone after the other; in subnets that were given RDS chooses.
  availability_zone = length(local.zones) > 0 ? element(local.zones, each.key) : null

  max_allocated_storage = var.storage_max_gb
  storage_type          = var.storage_type
  iops                  = var.storage_iops
  storage_encrypted     = var.storage_encrypted # with the primary's key: in one region RDS takes no other

  parameter_group_name   = aws_db_parameter_group.this["replica"].name
  vpc_security_group_ids = [aws_security_group.this["database"].id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1" # as the primary's

  iam_database_authentication_enabled = true
  auto_minor_version_upgrade          = true
  apply_immediately                   = false

  # UTC, an hour of another night for each, so that they are not away together; after the backup, as for the primary.
  maintenance_window      = format("%[1]s:04:30-%[1]s:05:30", element(local.replica_nights, each.key - 1))
  backup_retention_period = 0 # days: the primary's backups are the data
  copy_tags_to_snapshot   = true
  deletion_protection     = false # fewer replicas must not mean to unprotect the primary first
  skip_final_snapshot     = true  # a replica has nothing of its own

  database_insights_mode                = "standard"
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7  # days: what "standard" keeps
  monitoring_interval                   = 60 # seconds, as for the primary
  monitoring_role_arn                   = aws_iam_role.database_monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql"]

  lifecycle {
    ignore_changes = [availability_zone] # with another number of zones replicas would be made anew in other ones
  }

  depends_on = [aws_cloudwatch_log_group.database, aws_iam_role_policy_attachment.database_monitoring]
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "database_monitoring" {
  name               = "${var.name}-database-monitoring"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  role       = aws_iam_role.database_monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
