run "no_bucket_is_public" {
  command = plan

  assert {
    condition     = toset(keys(aws_s3_bucket_public_access_block.this)) == toset(keys(var.buckets))
    error_message = "Each bucket has its public access blocked."
  }

  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.this : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "In all four ways."
  }
}

run "logs_need_a_place" {
  command = plan

  variables {
    buckets = {}
  }

  expect_failures = [var.buckets]
}
