output "gateway_url" {
  description = "Where the HTTP API answers; each service under its own path."
  value       = aws_apigatewayv2_api.main.api_endpoint
}
