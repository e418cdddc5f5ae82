variable "gateway_jwt_issuer" {
  description = "Who signs the tokens that are let in: a URL, as it stands in the token's `iss`."
  type        = string

  validation {
    condition     = startswith(var.gateway_jwt_issuer, "https://")
    error_message = "The issuer is a URL with https://; its keys are fetched from there."
  }
}

variable "gateway_jwt_audience" {
  description = "Whom the tokens must be meant for: one of these must stand in `aud` (or `client_id`)."
  type        = set(string)

  validation {
    condition     = length(var.gateway_jwt_audience) >= 1 && length(var.gateway_jwt_audience) <= 50
    error_message = "From 1 to 50 audiences: without one, tokens that the issuer made for others would be let in."
  }
}

variable "gateway_throttle" {
  description = "Requests a second, and at once, above which the API answers 429."
  type = object({
    requests_per_second = number
    burst               = number
  })
}

variable "gateway_service_throttles" {
  description = "The same for each route of a service, where it is less than for all of them."
  type = map(object({
    requests_per_second = number
    burst               = number
  }))
  default = {}
}

variable "gateway_allowed_origins" {
  description = "Origins of web pages that may call the API from a browser."
  type        = set(string)

  validation {
    condition     = !contains(var.gateway_allowed_origins, "*")
    error_message = "Name the origins: \"*\" lets every web page call the API."
  }
}
