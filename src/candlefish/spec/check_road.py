"""Contradictions of what stands before the tier on AWS: the application, CloudFront, the HTTP API."""

from collections.abc import Iterator

from candlefish.spec.locate import KeyPath
from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem

FARGATE_MEMORY_GB: dict[float, tuple[float, ...]] = {
    0.25: (0.5, 1, 2),
    0.5: (1, 2, 3, 4),
    1: tuple(range(2, 9)),
    2: tuple(range(4, 17)),
    4: tuple(range(8, 31)),
    8: tuple(range(16, 61, 4)),
    16: tuple(range(32, 121, 8)),
}
"""GB of a task, for each vCPU (AWS, "Troubleshoot Amazon ECS task definition invalid CPU or memory errors")."""

CLOUDFRONT_REGION = "us-east-1"
"""Where CloudFront looks for certificates (AWS, "Requirements for using SSL/TLS certificates with CloudFront")."""

ASSETS = "assets"
"""The path under which CloudFront serves files whose names change with their content."""

APPLICATION_ENABLED: KeyPath = ("application", "enabled")


def find_road_contradictions(spec: Spec) -> Iterator[Problem]:
    """Give what can't stand before the tier; a table that is off is not looked at."""
    if spec.application.enabled:
        yield from _application(spec)
        yield from _fargate(spec)
        yield from _certificate(spec, "application", spec.application.certificate_arn, spec.aws.region)
        yield from _subnets(spec)
    if spec.cdn.enabled:
        yield from _cdn(spec)
        yield from _certificate(spec, "cdn", spec.cdn.certificate_arn, CLOUDFRONT_REGION)
    if spec.gateway.enabled:
        yield from _gateway(spec)


def faces_internet(spec: Spec) -> bool:
    """Say whether browsers reach the application's load balancer itself: nothing stands before it."""
    return spec.application.enabled and not spec.cdn.enabled and not spec.gateway.enabled


def _application(spec: Spec) -> Iterator[Problem]:
    application = spec.application
    services = ("application", "services")
    twice = sorted({name for name in application.services if application.services.count(name) > 1})
    if not application.services:
        yield Problem(services, "none is given: there is nothing to run", (APPLICATION_ENABLED,))
    elif twice:
        yield Problem(services, f"{', '.join(twice)} stands there twice: each has a path of its own")
    if spec.cdn.enabled and ASSETS in application.services:
        message = f"{ASSETS} is CloudFront's folder for files: name the service otherwise"
        yield Problem(services, message, (("cdn", "enabled"),))
    if application.max_tasks < application.tasks:
        message = f"{application.max_tasks} is less than tasks ({application.tasks})"
        yield Problem(("application", "max_tasks"), message, (("application", "tasks"),))
    for field, why in (
        ("certificate_arn", "the load balancer speaks HTTPS only"),
        ("domain", "CloudFront and the HTTP API hold the certificate against this name"),
    ):
        if getattr(application, field) is None:
            yield Problem(("application", field), f"is not set: {why}", (APPLICATION_ENABLED,))


def _fargate(spec: Spec) -> Iterator[Problem]:
    vcpu, memory = spec.application.vcpu, spec.application.memory_gb
    sizes = FARGATE_MEMORY_GB.get(vcpu)
    if sizes is None:
        known = ", ".join(f"{size:g}" for size in FARGATE_MEMORY_GB)
        yield Problem(("application", "vcpu"), f"{vcpu:g} is no size of a Fargate task: one of {known}")
    elif memory not in sizes:
        yield Problem(
            ("application", "memory_gb"),
            f"{memory:g} GB is not possible with {vcpu:g} vCPU: Fargate has {', '.join(f'{size:g}' for size in sizes)}",
            (("application", "vcpu"),),
        )


def _certificate(spec: Spec, table: str, arn: str | None, region: str) -> Iterator[Problem]:
    if arn is None or arn.split(":")[3] == region:
        return
    others = (("aws", "region"),) if region == spec.aws.region else ()
    place = "CloudFront takes certificates of" if region == CLOUDFRONT_REGION and table == "cdn" else "the tier is in"
    yield Problem((table, "certificate_arn"), f"stands in {arn.split(':')[3]}, and {place} {region}", others)


def _subnets(spec: Spec) -> Iterator[Problem]:
    aws = spec.aws
    given = len(set(aws.public_subnet_ids))
    if faces_internet(spec) and aws.vpc_id is not None and given < aws.zones:
        yield Problem(
            ("aws", "public_subnet_ids"),
            f"{given} for {aws.zones} zones: the application faces the internet, so give one public subnet of each"
            " zone, or put cdn or gateway before it",
            (APPLICATION_ENABLED, ("aws", "vpc_id")),
        )


def _cdn(spec: Spec) -> Iterator[Problem]:
    cdn = spec.cdn
    aliases, certificate = ("cdn", "aliases"), ("cdn", "certificate_arn")
    if cdn.aliases and cdn.certificate_arn is None:
        yield Problem(certificate, f"is not set: {', '.join(cdn.aliases)} need a certificate of {CLOUDFRONT_REGION}")
    elif cdn.certificate_arn is not None and not cdn.aliases:
        yield Problem(aliases, "a certificate is given, and no name that it is for", (certificate,))
    if spec.application.enabled and spec.application.domain in cdn.aliases:
        yield Problem(
            ("application", "domain"),
            f"{spec.application.domain} is CloudFront's own name: the load balancer behind it needs another",
            (aliases,),
        )


def _gateway(spec: Spec) -> Iterator[Problem]:
    gateway, enabled = spec.gateway, ("gateway", "enabled")
    if not spec.application.enabled:
        yield Problem(enabled, "there is nothing behind it: application.enabled is false", (APPLICATION_ENABLED,))
    if gateway.jwt_issuer is None:
        yield Problem(("gateway", "jwt_issuer"), "is not set: nobody could prove who he is", (enabled,))
    elif not gateway.jwt_issuer.startswith("https://"):
        yield Problem(("gateway", "jwt_issuer"), f"{gateway.jwt_issuer!r} is no issuer: a URL with https://")
    if not gateway.jwt_audience:
        message = "is empty: tokens that the issuer made for others would be let in"
        yield Problem(("gateway", "jwt_audience"), message, (enabled,))
    if "*" in gateway.allowed_origins:
        yield Problem(("gateway", "allowed_origins"), '"*" lets every web page call the API: name the origins')
