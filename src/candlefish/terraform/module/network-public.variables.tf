variable "public_subnet_ids" {
  description = "Public subnets of the same, where the application's load balancer faces the internet."
  type        = list(string)
}
