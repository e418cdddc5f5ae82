"""The lines of the bill, one module for each part."""
