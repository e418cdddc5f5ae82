variable "application_public" {
  description = "Whether the load balancer faces the internet; false where CloudFront or the HTTP API stands before it."
  type        = bool
}

variable "application_certificate_arn" {
  description = "Certificate of the load balancer, in the region of the tier."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:${var.region}:", var.application_certificate_arn))
    error_message = "A load balancer takes certificates of AWS Certificate Manager from its own region."
  }
}

variable "application_domain" {
  description = "Name in that certificate: point it at the load balancer where that is public; CloudFront and the HTTP API hold the certificate against it."
  type        = string
}

variable "application_health_path" {
  description = "What the load balancer asks each container; 200 is healthy."
  type        = string

  validation {
    condition     = startswith(var.application_health_path, "/")
    error_message = "A path begins with \"/\"."
  }
}

variable "application_web_acl_arn" {
  description = "A web ACL of AWS WAF (scope REGIONAL) for the load balancer, where the organisation has one."
  type        = string
  default     = null
}
