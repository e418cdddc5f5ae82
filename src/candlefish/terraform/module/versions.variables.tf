variable "name" {
  description = "Name of the tier: leads the name of everything that is made."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "A small letter, then small letters, digits and hyphens, 32 at most: it names identifiers of several services."
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
