"""The files of the module, in the order in which a reader meets them."""

from candlefish.spec.model import Spec
from candlefish.terraform.part import Part
from candlefish.terraform.values.application import application_values, balancer_values, scaling_values
from candlefish.terraform.values.backups import backups_values
from candlefish.terraform.values.buckets import buckets_values
from candlefish.terraform.values.cache import cache_values
from candlefish.terraform.values.cdn import cdn_values
from candlefish.terraform.values.database import database_values
from candlefish.terraform.values.gateway import gateway_values
from candlefish.terraform.values.monitoring import monitoring_values
from candlefish.terraform.values.network import network_values, public_values
from candlefish.terraform.values.pooler import pooler_values
from candlefish.terraform.values.rotation import rotation_values
from candlefish.terraform.values.secrets import secrets_values
from candlefish.terraform.values.tier import tier_values


def _application(spec: Spec) -> bool:
    return spec.application.enabled


def _cdn(spec: Spec) -> bool:
    return spec.cdn.enabled


def _gateway(spec: Spec) -> bool:
    return spec.gateway.enabled


def _buckets(spec: Spec) -> bool:
    return _application(spec) or _cdn(spec)


def _cdn_to_gateway(spec: Spec) -> bool:
    return _cdn(spec) and _gateway(spec)


def _cdn_to_application(spec: Spec) -> bool:
    return _cdn(spec) and _application(spec) and not _gateway(spec)


def _cdn_to_assets(spec: Spec) -> bool:
    return _cdn(spec) and not _application(spec)


PARTS: tuple[Part, ...] = (
    Part("versions", tier_values),
    Part("network", network_values),
    Part("network-public", public_values, _application),
    Part("secrets", secrets_values),
    Part("rds-postgresql", database_values),
    Part("backups", backups_values),
    Part("pgbouncer-ecs", pooler_values),
    Part("rotation", rotation_values),
    Part("elasticache-redis", cache_values),
    Part("cloudwatch", monitoring_values),
    Part("buckets", buckets_values, _buckets),
    Part("application-ecs", application_values, _application),
    Part("application-ecs-balancer", balancer_values, _application),
    Part("application-ecs-roles", wanted=_application),
    Part("application-ecs-scaling", scaling_values, _application),
    Part("api-gateway", gateway_values, _gateway),
    Part("cloudfront", cdn_values, _cdn),
    Part("cloudfront-to-gateway", wanted=_cdn_to_gateway),
    Part("cloudfront-to-application", wanted=_cdn_to_application),
    Part("cloudfront-to-assets", wanted=_cdn_to_assets),
)
