name                = "sample"
region              = "eu-central-1"
zones               = 2
deletion_protection = true
