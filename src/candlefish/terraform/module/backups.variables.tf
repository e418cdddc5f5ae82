variable "backup_retention_days" {
  description = "Days back to which the database can be brought to any second; 0 turns backups off."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 0 && var.backup_retention_days <= 35
    error_message = "RDS keeps backups for 0 to 35 days."
  }
}

variable "backup_copy_region" {
  description = "Region that backups are copied to; null keeps them in the tier's region."
  type        = string
  default     = null

  validation {
    condition     = var.backup_copy_region == null || var.backup_copy_region != var.region
    error_message = "A copy belongs into another region."
  }
}

variable "snapshot_days" {
  description = "Days for which the weekly snapshots stay."
  type        = number
}

variable "restore_hours" {
  description = "Hours for which a restored database stays, each month, to be looked at."
  type        = number
}
