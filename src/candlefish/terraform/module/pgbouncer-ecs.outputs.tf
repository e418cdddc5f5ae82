output "pgbouncer_host" {
  description = "PgBouncer: what applications connect to, in place of the database."
  value       = aws_lb.pgbouncer.dns_name
}

output "pgbouncer_port" {
  description = "Port of PgBouncer."
  value       = aws_lb_listener.pgbouncer.port
}

output "pgbouncer_repository_url" {
  description = "Where PgBouncer's image is pushed to, under the tag `pgbouncer_image_tag`."
  value       = aws_ecr_repository.pgbouncer.repository_url
}
