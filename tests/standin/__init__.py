"""What stands in for AWS while the Terraform module is proved: its provider's schema, served to the real Terraform.

`schema` reads the schema of the AWS provider out of a wheel, `hcl_check` holds HCL against it without any Terraform,
`provider` and `server` serve it to Terraform as if it were the provider, `account` is what has been made so far,
`terraform` runs Terraform in a folder of its own, `checkov` runs that. Nothing here reaches AWS, and nothing that is
proved here has been deployed: it has been checked against a schema. `python -m tests.standin DIR plan` does by hand
what the tests do.
"""

NAME = "stand-in for the AWS provider"
ADDRESS = "registry.terraform.io/hashicorp/aws"
