variable "name" {
  description = "Name of everything"
  type        = string
}

variable "region" {
  description = "Region of AWS"
  type        = string
}

variable "zones" {
  description = "Availability zones"
  type        = number

  validation {
    condition     = var.zones >= 2
    error_message = "a database in two zones needs two subnets"
  }
}

variable "secrets_version" {
  description = "Counted up for new passwords"
  type        = number
  default     = 1
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted"
  type        = bool
}
