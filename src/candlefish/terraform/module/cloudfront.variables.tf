variable "cdn_aliases" {
  description = "Names of the distribution besides its own; point them at `cdn_domain_name`."
  type        = set(string)
}

variable "cdn_certificate_arn" {
  description = "Certificate for these names, in us-east-1; null where there are none."
  type        = string

  validation {
    condition     = (var.cdn_certificate_arn == null) == (length(var.cdn_aliases) == 0)
    error_message = "Names need a certificate, and a certificate needs names."
  }

  validation {
    condition     = var.cdn_certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.cdn_certificate_arn))
    error_message = "CloudFront takes certificates of AWS Certificate Manager in us-east-1 only."
  }
}

variable "cdn_price_class" {
  description = "Which edges serve: PriceClass_100 (North America, Europe, Israel), PriceClass_200 (without South America, Australia, New Zealand) or PriceClass_All."
  type        = string

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.cdn_price_class)
    error_message = "One of PriceClass_100, PriceClass_200 and PriceClass_All."
  }
}

variable "cdn_cache_policies" {
  description = "How long CloudFront keeps an answer whose origin says nothing, how long at most, and what tells answers apart besides the path."
  type = map(object({
    default_ttl_s = number
    max_ttl_s     = number
    headers       = set(string)
    query_strings = bool
    reason        = string
  }))

  validation {
    condition     = toset(keys(var.cdn_cache_policies)) == toset(["api", "assets", "pages"])
    error_message = "There are three: api, assets and pages."
  }

  validation {
    condition     = contains(var.cdn_cache_policies["api"].headers, "Authorization")
    error_message = "Answers of the API must be kept apart by Authorization, or one user is given another's."
  }
}

variable "cdn_web_acl_arn" {
  description = "A web ACL of AWS WAF (scope CLOUDFRONT), where the organisation has one."
  type        = string
  default     = null
}
