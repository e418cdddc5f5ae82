"""What talks to AWS: the outputs of the Terraform module, secrets, prices."""
