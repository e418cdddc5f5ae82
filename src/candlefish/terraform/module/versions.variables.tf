variable "name" {
  description = "Name of the tier: leads the name of everything that is made."
  type        = string

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 32
    error_message = "2 to 32 characters: a small letter, then small letters, digits and single hyphens, none at the end. It names identifiers of several services."
  }

  validation {
    condition     = !startswith("${var.name}-", "internal-")
    error_message = "It begins the names of load balancers, and AWS refuses those that begin with \"internal-\"."
  }
}

variable "region" {
  description = "Region of the tier."
  type        = string
}

variable "tags" {
  description = "Tags of everything that is made, besides the tier's name."
  type        = map(string)
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database and the load balancers until this is turned off."
  type        = bool
}
