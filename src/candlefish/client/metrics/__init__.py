"""The client's statistics as Prometheus and OpenTelemetry take them; each needs its library (extra `metrics`)."""
