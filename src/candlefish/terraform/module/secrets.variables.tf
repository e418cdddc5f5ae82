variable "admin_user" {
  description = "The database's administrator."
  type        = string
}

variable "secrets_version" {
  description = "Raise it to have Terraform make new secrets; the rotation does so by itself and needs no Terraform."
  type        = number
}

variable "secret_recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0 deletes at once."
  type        = number

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "Secrets Manager takes 0, or 7 to 30."
  }
}
