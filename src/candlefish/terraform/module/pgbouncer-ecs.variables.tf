variable "architecture" {
  description = "Processors of all containers: \"x86_64\" or \"arm64\". Images must be built for it."
  type        = string

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "Fargate runs x86_64 and arm64."
  }
}

variable "pgbouncer_image_tag" {
  description = "Tag of the image in the repository `pgbouncer_repository_url`; a tag cannot be pushed twice."
  type        = string
}

variable "pgbouncer_tasks" {
  description = "Tasks of PgBouncer at least."
  type        = number
}

variable "pgbouncer_max_tasks" {
  description = "Tasks of PgBouncer at most; the settings below are counted for this number."
  type        = number

  validation {
    condition     = var.pgbouncer_max_tasks >= var.pgbouncer_tasks
    error_message = "There can't be fewer tasks at most than at least."
  }
}

variable "pgbouncer_deployment_max_percent" {
  description = "Tasks during a deployment, in percent of those before it; the settings below are counted for this."
  type        = number

  validation {
    condition     = var.pgbouncer_deployment_max_percent > 100
    error_message = "More than 100: new tasks start before old ones stop, and ECS balances zones in the same way."
  }
}

variable "pgbouncer_cpu" {
  description = "CPU units of a task, 1,024 to a vCPU."
  type        = number

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.pgbouncer_cpu)
    error_message = "Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384 CPU units."
  }
}

variable "pgbouncer_memory" {
  description = "Memory of a task in MiB."
  type        = number

  validation {
    condition     = var.pgbouncer_memory >= 2 * var.pgbouncer_cpu && var.pgbouncer_memory <= 8 * var.pgbouncer_cpu
    error_message = "Fargate has 2 to 8 GB for each vCPU."
  }
}

variable "pgbouncer_port" {
  description = "Where PgBouncer and its load balancer listen."
  type        = number

  validation {
    condition     = var.pgbouncer_port >= 1024 && var.pgbouncer_port <= 65535
    error_message = "From 1024 to 65535: the container does not run as root."
  }
}

variable "pgbouncer_open_files" {
  description = "Open files of a task: clients, servers and some to spare."
  type        = number

  validation {
    condition     = var.pgbouncer_open_files <= 65535
    error_message = "A Fargate task has 65535 open files at most."
  }
}

variable "pgbouncer_idle_timeout_s" {
  description = "Seconds without a packet after which the load balancer forgets a connection."
  type        = number

  validation {
    condition     = var.pgbouncer_idle_timeout_s >= 60 && var.pgbouncer_idle_timeout_s <= 6000
    error_message = "A TCP listener takes 60 to 6000 seconds."
  }

  validation {
    condition     = var.pgbouncer_idle_timeout_s > tonumber(var.pgbouncer_settings["tcp_keepidle"])
    error_message = "PgBouncer must ask a silent client before the load balancer forgets its connection."
  }
}

variable "pgbouncer_scaling" {
  description = "What autoscaling aims at (CPU in percent, clients of a task), and seconds between two steps out and in."
  type = object({
    cpu_percent    = number
    clients        = number
    out_cooldown_s = number
    in_cooldown_s  = number
  })
}

variable "pgbouncer_settings" {
  description = "PgBouncer's settings in each task, by their names in pgbouncer.ini; databases and TLS are the program's own."
  type        = map(string)
}

variable "pgbouncer_tls_secret_arn" {
  description = "Secret with PgBouncer's certificate, {\"certificate\", \"private_key\"} in PEM, encrypted with the tier's own key or with AWS's. Without it each task makes one itself, and clients use sslmode=require."
  type        = string
  default     = null
}
