output "region" {
  description = "Region of the tier."
  value       = var.region
}
