"""What the variables of each file of the module are given, from the spec and the plan."""
