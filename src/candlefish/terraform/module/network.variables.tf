variable "vpc_id" {
  description = "VPC that is there already; null makes one."
  type        = string

  validation {
    condition     = var.vpc_id == null || length(var.private_subnet_ids) >= var.zones
    error_message = "A VPC that is there already needs `private_subnet_ids`, one in each zone."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the VPC that is made."
  type        = string
}

variable "zones" {
  description = "Availability zones that the tier stands in."
  type        = number

  validation {
    condition     = var.zones >= 2 && var.zones <= 6
    error_message = "RDS and ElastiCache need subnets in two zones; six have subnets here."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets of a VPC that is there already, one or more in each zone."
  type        = list(string)
}

variable "https_cidr_blocks" {
  description = "In a VPC that is there already: the addresses at which AWS's services answer, its endpoints' or (through its NAT gateway) all."
  type        = set(string)
  default     = []
}
