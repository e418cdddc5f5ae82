variable "admin_user" {
  description = "The database's administrator."
  type        = string
}

variable "secrets_version" {
  description = "Raising it makes four new secrets at once, and nobody can log in until bootstrap_command has run again: it is for secrets that leaked. The rotation is what replaces secrets, without an interruption."
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
