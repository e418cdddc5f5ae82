variable "rotation_days" {
  description = "Passwords and the cache's token are replaced at least so often."
  type        = number
}

variable "rotation_schedule" {
  description = "When: a cron expression of EventBridge Scheduler, in UTC."
  type        = string

  validation {
    condition     = startswith(var.rotation_schedule, "cron(")
    error_message = "A cron expression: rate(...) would begin with a run at once, before the database has its roles."
  }
}
