output "application_repository_urls" {
  description = "Where the image of each service is pushed."
  value       = { for service, repository in aws_ecr_repository.application : service => repository.repository_url }
}

output "application_role_names" {
  description = "The role that each service's code runs under: attach what it may do on AWS beyond this tier."
  value       = { for service, role in aws_iam_role.application : service => role.name }
}
