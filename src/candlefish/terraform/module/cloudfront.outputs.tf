output "cdn_domain_name" {
  description = "CloudFront's own name of the distribution."
  value       = aws_cloudfront_distribution.main.domain_name
}

output "cdn_distribution_id" {
  description = "Names the distribution where a path is to be invalidated."
  value       = aws_cloudfront_distribution.main.id
}

output "cdn_assets_bucket" {
  description = "Where pages go, and under assets/ the files whose names change with their content."
  value       = aws_s3_bucket.this["assets"].bucket
}
