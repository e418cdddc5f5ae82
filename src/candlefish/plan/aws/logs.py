"""How long logs stay."""

LOG_RETENTION_DAYS = 365
"""A year, as audits ask for (PCI DSS 10.5.1: twelve months); it costs cents a month for each GB of logs."""
