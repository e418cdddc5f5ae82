# What runs this module, and what it is told about everything it makes.

terraform {
  required_version = ">= 1.11" # write-only arguments: no secret is in a plan or a state

  # The state names everything that is made. Keep it where it is encrypted, locked and not lost:
  # backend "s3" {
  #   bucket       = "YOUR-BUCKET"
  #   key          = "candlefish/terraform.tfstate"
  #   region       = "YOUR-REGION"
  #   encrypt      = true
  #   use_lockfile = true
  # }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.69" # whose schema this module was checked against; auth_token_wo is there from 6.62 on
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, { "candlefish:tier" = var.name })
  }
}

# Whose account this is, and in which of AWS's partitions: for policies that name both.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
