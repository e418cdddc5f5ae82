"""What the HTTP API is given."""

from collections.abc import Iterator

from candlefish.spec.model import Spec
from candlefish.terraform.value import Reasoned, Value


def gateway_values(spec: Spec) -> Iterator[Value]:
    """Give who is let in, and how fast."""
    gateway = spec.gateway
    yield Value("gateway_jwt_issuer", gateway.jwt_issuer, "declared: signs the tokens that are let in")
    yield Value("gateway_jwt_audience", gateway.jwt_audience, "declared: whom the tokens are meant for")
    throttle = {
        "requests_per_second": Reasoned(gateway.requests_per_second, "declared: throttled above"),
        "burst": Reasoned(gateway.burst, "declared: at once"),
    }
    yield Value("gateway_throttle", throttle, "of all routes together")
    why = (
        "declared: origins of web pages that may call" if gateway.allowed_origins else "declared: no web page may call"
    )
    yield Value("gateway_allowed_origins", gateway.allowed_origins, why)
