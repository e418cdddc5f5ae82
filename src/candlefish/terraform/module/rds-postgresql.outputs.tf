output "database" {
  description = "Name of the database."
  value       = aws_db_instance.main.db_name
}

output "db_instance_address" {
  description = "Host name of the primary."
  value       = aws_db_instance.main.address
}

output "db_instance_endpoint" {
  description = "The primary as host:port."
  value       = aws_db_instance.main.endpoint
}

output "db_replica_addresses" {
  description = "Host names of the read replicas."
  value       = [for number in range(1, var.replica_count + 1) : aws_db_instance.replica[tostring(number)].address]
}
