"""The plan of a tier on AWS."""
