"""How Hypothesis runs: a busy machine must not fail a test, because no test asserts a time."""

from hypothesis import HealthCheck, settings

settings.register_profile("candlefish", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("candlefish")
