# Behind CloudFront, for the paths of the services, stands the HTTP API: it verifies the tokens and throttles.

locals {
  cdn_services    = var.application_services
  cdn_api_origins = [{ domain_name = trimprefix(aws_apigatewayv2_api.main.api_endpoint, "https://"), vpc_origin_id = null }]
}
