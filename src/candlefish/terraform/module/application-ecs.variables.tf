variable "application_services" {
  description = "Services of the application: each has a path, an image repository and an ECS service."
  type        = set(string)

  validation {
    condition     = length(var.application_services) > 0 && alltrue([for name in var.application_services : can(regex("^[a-z][a-z0-9-]{0,19}$", name))])
    error_message = "A service is named by a lower-case letter, then letters, digits and hyphens, 20 at most."
  }
}

variable "application_port" {
  description = "Where each container listens; it finds the number in PORT, too."
  type        = number

  validation {
    condition     = var.application_port >= 1024 && var.application_port <= 65535
    error_message = "From 1024 to 65535: containers do not run as root."
  }
}

variable "application_size" {
  description = "Size of one task in the units of ECS, and how many of them each service has at least and at most."
  type = object({
    cpu_units  = number
    memory_mib = number
    tasks      = number
    max_tasks  = number
  })

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.application_size.cpu_units)
    error_message = "Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384 CPU units."
  }

  validation {
    condition     = var.application_size.max_tasks >= var.application_size.tasks
    error_message = "There can't be fewer tasks at most than at least."
  }
}

variable "application_bake_minutes" {
  description = "Minutes for which a new version has all traffic and the old one still stands by."
  type        = number

  validation {
    condition     = var.application_bake_minutes >= 0 && var.application_bake_minutes <= 1440
    error_message = "From 0 to 1440."
  }
}

variable "application_image_tags" {
  description = "Tag of each service's image, where it is not \"1\": another tag here is a deployment."
  type        = map(string)
  default     = {}
}
