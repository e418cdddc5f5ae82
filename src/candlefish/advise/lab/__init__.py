"""The lab: a copy of the database where anything may be built, so that nothing is tried on the real one."""
