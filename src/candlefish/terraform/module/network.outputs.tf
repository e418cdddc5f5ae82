output "client_security_group_id" {
  description = "Attach it to what uses the tier: it may reach PgBouncer, the cache and the database."
  value       = aws_security_group.this["clients"].id
}
