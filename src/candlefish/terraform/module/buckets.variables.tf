variable "buckets" {
  description = "S3 buckets by purpose: when objects expire (null: never), and after how many days replaced versions and broken uploads go."
  type = map(object({
    expire_days     = optional(number)
    noncurrent_days = number
  }))

  validation {
    condition     = contains(keys(var.buckets), "logs")
    error_message = "There must be a bucket for \"logs\"."
  }
}
