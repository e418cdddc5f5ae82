output "admin_secret_arn" {
  description = "Secret of the administrator: username and password."
  value       = aws_secretsmanager_secret.this["admin"].arn
}

output "app_secret_arn" {
  description = "Secret of the application: username and password; both change with the rotation."
  value       = aws_secretsmanager_secret.this["app"].arn
}

output "monitor_secret_arn" {
  description = "Secret of the monitoring: username and password."
  value       = aws_secretsmanager_secret.this["monitor"].arn
}

output "redis_secret_arn" {
  description = "Secret of the cache: auth_token."
  value       = aws_secretsmanager_secret.this["redis"].arn
}
