"""What the database consists of, read from its catalog and statistics in a handful of queries."""
