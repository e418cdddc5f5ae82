"""What CloudFront is given."""

from collections.abc import Iterator, Mapping

from candlefish.spec.model import Spec
from candlefish.terraform.value import Hcl, Reasoned, Value

YEAR_S = 365 * 24 * 3600
"""A file whose name changes with its content never changes; a year is CloudFront's own default maximum."""

API_KEY_HEADERS = ("Accept", "Accept-Language", "Authorization", "Origin")
"""What an answer of the application may depend on besides its URL: form, language, who asks, from which page."""

PRICE_CLASS = "PriceClass_100"
"""Edges in North America, Europe and Israel: the cheapest class; others are served too, from there."""


def cdn_values(spec: Spec) -> Iterator[Value]:
    """Give CloudFront's names and how long it keeps what."""
    cdn = spec.cdn
    yield Value("cdn_aliases", cdn.aliases, "declared" if cdn.aliases else "declared: CloudFront's own name alone")
    why = "declared: of these names" if cdn.certificate_arn else "CloudFront's own certificate"
    yield Value("cdn_certificate_arn", cdn.certificate_arn, why)
    yield Value("cdn_price_class", PRICE_CLASS, "the cheapest: edges in North America, Europe and Israel")
    yield Value("cdn_cache_policies", _policies(spec), "how long, and what tells answers apart")


def _policies(spec: Spec) -> Mapping[str, Hcl | Reasoned]:
    fresh = round(spec.redis.cache_ttl)
    same = "as long as the cache of the tier keeps an answer (redis.cache_ttl)"
    year = "a year: the name changes with the content"
    return {
        "assets": _policy((YEAR_S, year), (YEAR_S, year), (), "files whose names change with their content"),
        "pages": _policy((fresh, same), (fresh, same), (), "pages"),
        "api": _policy(
            (0, "an answer is kept only when the application says so"),
            (fresh, same),
            API_KEY_HEADERS,
            "the application",
        ),
    }


def _policy(
    default: tuple[int, str], most: tuple[int, str], headers: tuple[str, ...], reason: str
) -> Mapping[str, Hcl | Reasoned]:
    return {
        "default_ttl_s": Reasoned(*default),
        "max_ttl_s": Reasoned(*most),
        "headers": headers,
        "query_strings": bool(headers),
        "reason": reason,
    }
