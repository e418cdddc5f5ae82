"""Workloads: where statements come from, and how they become ones that can be run."""
