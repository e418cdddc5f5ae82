output "application_url" {
  description = "Where the services answer, each under its own path, once the name leads to the load balancer (or to what stands before it)."
  value       = "https://${var.application_domain}"
}

output "application_balancer_dns_name" {
  description = "The load balancer's own name: what `application_domain` points at where it is public."
  value       = aws_lb.application.dns_name
}
