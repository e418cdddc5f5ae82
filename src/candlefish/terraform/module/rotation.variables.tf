variable "rotation_days" {
  description = "Passwords and the cache's token are replaced at least so often."
  type        = number
}

variable "rotation_schedule" {
  description = "When: a cron expression of EventBridge Scheduler, in UTC."
  type        = string

  validation {
    condition     = can(regex("^cron\\((\\d+) (\\d+) (.+)\\)$", var.rotation_schedule))
    error_message = "A cron expression of one minute and one hour, such as cron(30 2 1 * ? *): rate(...) would begin with a run at once, before the database has its roles."
  }
}
