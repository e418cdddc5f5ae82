variable "application_scaling" {
  description = "When a service grows and shrinks: CPU that is aimed at, average response in seconds above which tasks are added, by how many percent, and the pauses between steps."
  type = object({
    cpu_percent       = number
    slow_response_s   = number
    growth_percent    = number
    growth_cooldown_s = number
    shrink_cooldown_s = number
  })
}

variable "application_alarms" {
  description = "Alarms of each service by objective: somebody is told, and a deployment under way is rolled back. With `divided_by` the value is the metric over the sum of those."
  type = map(object({
    metric     = string
    divided_by = optional(list(string), [])
    statistic  = string
    comparison = string
    threshold  = number
    period_s   = number
    periods    = number
    missing    = string
    reason     = string
  }))
}
