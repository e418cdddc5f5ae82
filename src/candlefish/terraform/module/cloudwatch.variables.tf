variable "log_retention_days" {
  description = "Days that CloudWatch keeps the logs of all parts."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "alert_email" {
  description = "Who is told by e-mail, after confirming it once; null for nobody: then subscribe to the topic yourself."
  type        = string
}

variable "alarms" {
  description = "Alarms by name: each is made for everything of its subject. `threshold` is in the metric's own unit; with `divided_by` the value is the metric over the sum of those; with `guard` it counts only while that metric is at least so much."
  type = map(object({
    subject    = string
    namespace  = string
    metric     = string
    statistic  = string
    comparison = string
    threshold  = number
    period_s   = number
    periods    = number
    missing    = string
    reason     = string
    divided_by = optional(list(string), [])
    guard = optional(object({
      subject   = string
      metric    = string
      statistic = string
      at_least  = number
    }))
  }))

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.period_s % 60 == 0 && alarm.period_s * alarm.periods <= 86400])
    error_message = "A period is a multiple of 60 seconds, and an alarm looks at one day at most."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : contains(["breaching", "notBreaching", "missing", "ignore"], alarm.missing)])
    error_message = "Missing data is breaching, notBreaching, missing or ignore."
  }
}

variable "dashboards" {
  description = "Charts of each dashboard, two in a row; `limit` is drawn as a line, in the metric's own unit."
  type = map(list(object({
    title      = string
    subjects   = list(string)
    namespace  = string
    metric     = string
    statistic  = string
    divided_by = optional(list(string), [])
    limit      = optional(number)
  })))
}
