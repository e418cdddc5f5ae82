terraform {
  required_version = ">= 1.11" # write-only arguments (password_wo): no secret is in the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.60"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, { "candlefish:tier" = var.name })
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
