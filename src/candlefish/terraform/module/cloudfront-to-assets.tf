# Behind CloudFront stands the bucket alone.

locals {
  cdn_services    = []
  cdn_api_origins = []
}
