"""The plan as a Terraform module: hand-written HCL, and the plan's numbers as terraform.tfvars. Text only."""

from candlefish.terraform.render import render_module

__all__ = ["render_module"]
