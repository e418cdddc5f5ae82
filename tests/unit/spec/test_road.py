"""What stands before the tier on AWS: what contradicts itself is found, what is off is not looked at."""

from collections.abc import Callable
from typing import Any

import pytest

from candlefish.spec import Spec
from candlefish.spec.check_road import FARGATE_MEMORY_GB, faces_internet, find_road_contradictions

HERE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
THERE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"

APPLICATION = f"[application]\nenabled = true\ndomain = 'api.example.com'\ncertificate_arn = '{HERE}'\n"
GATEWAY = "[gateway]\nenabled = true\njwt_issuer = 'https://id.example.com/'\njwt_audience = ['shop']\n"
CDN = "[cdn]\nenabled = true\n"
GIVEN = "[aws]\nvpc_id = 'vpc-0a1b2c3d'\nprivate_subnet_ids = ['subnet-1', 'subnet-2']\n"

WRONG = {
    "a service twice": (APPLICATION + "services = ['shop', 'shop']", "application.services", "shop stands there twice"),
    "no service": (APPLICATION + "services = []", "application.services", "nothing to run"),
    "a service in the folder of assets": (
        APPLICATION + "services = ['assets']\n" + CDN, "application.services", "CloudFront's folder",
    ),
    "autoscaling that ends before it begins": (
        APPLICATION + "tasks = 4\nmax_tasks = 3", "application.max_tasks", "less than tasks (4)",
    ),
    "a size that Fargate has not": (
        APPLICATION + "vcpu = 0.75", "application.vcpu", "one of 0.25, 0.5, 1, 2, 4, 8, 16",
    ),
    "memory that a size has not": (
        APPLICATION + "vcpu = 0.5\nmemory_gb = 8.0", "application.memory_gb", "Fargate has 1, 2, 3, 4",
    ),
    "memory between the steps of a size": (
        APPLICATION + "vcpu = 8.0\nmemory_gb = 18.0", "application.memory_gb", "16, 20, 24",
    ),
    "a load balancer without a certificate": (
        "[application]\nenabled = true\ndomain = 'api.example.com'", "application.certificate_arn", "HTTPS only",
    ),
    "a certificate without its name": (
        f"[application]\nenabled = true\ncertificate_arn = '{HERE}'", "application.domain", "hold the certificate",
    ),
    "a certificate of another region": (
        f"[application]\nenabled = true\ndomain = 'api.example.com'\ncertificate_arn = '{THERE}'",
        "application.certificate_arn", "stands in eu-west-1, and the tier is in us-east-1",
    ),
    "an application on the internet in a VPC without public subnets": (
        GIVEN + APPLICATION, "aws.public_subnet_ids", "0 for 2 zones",
    ),
    "one public subnet for two zones": (
        GIVEN + "public_subnet_ids = ['subnet-3', 'subnet-3']\n" + APPLICATION,
        "aws.public_subnet_ids", "1 for 2 zones",
    ),
    "names without a certificate": (
        CDN + "aliases = ['www.example.com']", "cdn.certificate_arn", "www.example.com need a certificate",
    ),
    "a certificate without names": (CDN + f"certificate_arn = '{HERE}'", "cdn.aliases", "no name that it is for"),
    "CloudFront with a certificate of the tier's region": (
        "[aws]\nregion = 'eu-west-1'\n" + CDN + f"aliases = ['www.example.com']\ncertificate_arn = '{THERE}'",
        "cdn.certificate_arn", "CloudFront takes certificates of us-east-1",
    ),
    "one name for CloudFront and for what stands behind it": (
        APPLICATION + CDN + f"aliases = ['api.example.com']\ncertificate_arn = '{HERE}'",
        "application.domain", "CloudFront's own name",
    ),
    "a door with nothing behind it": (GATEWAY, "gateway.enabled", "application.enabled is false"),
    "a door that knows nobody": (
        APPLICATION + "[gateway]\nenabled = true\njwt_audience = ['shop']", "gateway.jwt_issuer", "is not set",
    ),
    "a door for everybody's tokens": (
        APPLICATION + "[gateway]\nenabled = true\njwt_issuer = 'https://id.example.com/'",
        "gateway.jwt_audience", "made for others",
    ),
    "an issuer in plain text": (
        APPLICATION + "[gateway]\nenabled = true\njwt_issuer = 'http://id.example.com/'\njwt_audience = ['shop']",
        "gateway.jwt_issuer", "a URL with https://",
    ),
    "a door for every web page": (
        APPLICATION + GATEWAY + "allowed_origins = ['*']", "gateway.allowed_origins", "name the origins",
    ),
    "a certificate that is none": (CDN + "certificate_arn = 'mine'", "cdn.certificate_arn", "is no certificate"),
    "a name that is none": ("[application]\ndomain = 'https://api'", "application.domain", "is no name of the DNS"),
    "a name of CloudFront that is none": (CDN + "aliases = ['www']", "cdn.aliases", "is no name of the DNS"),
}  # fmt: skip

RIGHT = {
    "an application on the internet": APPLICATION,
    "CloudFront before assets alone": CDN,
    "CloudFront under its own names": CDN + f"aliases = ['www.example.com']\ncertificate_arn = '{HERE}'",
    "everything at once": APPLICATION + GATEWAY + CDN + f"aliases = ['www.example.com']\ncertificate_arn = '{HERE}'",
    "a VPC without public subnets behind CloudFront": GIVEN + APPLICATION + CDN,
    "a VPC without public subnets behind the HTTP API": GIVEN + APPLICATION + GATEWAY,
    "a VPC with public subnets": GIVEN + "public_subnet_ids = ['subnet-3', 'subnet-4']\n" + APPLICATION,
    "nonsense in tables that are off": "[application]\nvcpu = 0.75\nservices = []\n[gateway]\nallowed_origins = ['*']",
}


@pytest.mark.parametrize(("text", "key", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_contradiction_before_the_tier_gives_one_clear_error(
    problems_of: Callable[..., tuple[str, ...]], text: str, key: str, message: str
) -> None:
    (problem,) = problems_of(text)
    assert f": {key}: " in problem
    assert message in problem


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_what_can_stand_before_the_tier_is_accepted(load_text: Callable[..., Spec], text: str) -> None:
    load_text(text)


@pytest.mark.parametrize(
    ("vcpu", "memory"), [(vcpu, memory) for vcpu, sizes in FARGATE_MEMORY_GB.items() for memory in sizes]
)
def test_every_size_of_fargate_is_accepted(vcpu: float, memory: float) -> None:
    spec = _spec(vcpu=float(vcpu), memory_gb=float(memory))
    assert [problem for problem in find_road_contradictions(spec) if problem.key[0] == "application"] == []


@pytest.mark.parametrize(
    ("before", "public"), [({}, True), ({"cdn": True}, False), ({"gateway": True}, False)], ids=["none", "cdn", "api"]
)
def test_the_load_balancer_faces_the_internet_only_when_nothing_stands_before_it(
    before: dict[str, bool], public: bool
) -> None:
    tables = {name: {"enabled": enabled} for name, enabled in before.items()}
    assert faces_internet(Spec.model_validate({"application": {"enabled": True}, **tables})) is public


def test_nothing_faces_the_internet_without_an_application() -> None:
    assert not faces_internet(Spec())


def _spec(**application: Any) -> Spec:
    table = {"enabled": True, "domain": "api.example.com", "certificate_arn": HERE, **application}
    return Spec.model_validate({"application": table})
