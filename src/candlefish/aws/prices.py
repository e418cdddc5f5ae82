"""The AWS Price List: with credentials through its API, without any through its public files."""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

from candlefish.errors import EngineError

PUBLIC_URL = "https://pricing.us-east-1.amazonaws.com"
"""Serves the same prices to everybody (AWS, "Getting price list files manually")."""

API_REGION = "us-east-1"
"""The Price List API stands in few regions; this one answers for all (AWS, "Price List Query API endpoints")."""

TIMEOUT_S = 60.0
"""Seconds of silence before a download counts as failed: the file of RDS has 27 MB."""

HINT = 'look at the network and the credentials; the API needs pip install "candlefish[aws]", the public files nothing'

Document = dict[str, Any]


def make_client() -> Any | None:
    """Return a client of the Price List API, None where boto3 or credentials are missing."""
    try:
        import boto3
    except ImportError:
        return None
    session = boto3.Session()
    return session.client("pricing", region_name=API_REGION) if session.get_credentials() else None


def fetch_products(client: Any, service: str, filters: Mapping[str, str]) -> Iterator[Document]:
    """Give the products of a service, each with its terms; raise EngineError when the API refuses."""
    from botocore.exceptions import BotoCoreError, ClientError

    wanted = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()]
    try:
        for page in client.get_paginator("get_products").paginate(
            ServiceCode=service, Filters=wanted, FormatVersion="aws_v1"
        ):
            for text in page["PriceList"]:
                yield _parse(text, f"the API's answer for {service}")
    except (BotoCoreError, ClientError) as error:
        raise EngineError(
            f"the AWS Price List API did not give the prices of {service}", detail=str(error), hint=HINT
        ) from error


def fetch_public(service: str, region: str | None, base_url: str = PUBLIC_URL) -> Iterator[Document]:
    """Give the products of a service's public file: that of a region or, without one, of all.

    Raises EngineError when it can't be read whole.
    """
    place = f"{region}/" if region else ""
    url = f"{base_url.rstrip('/')}/offers/v1.0/aws/{service}/current/{place}index.json"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            text = answer.read().decode("utf-8")
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is an answer too, with a socket of its own
        raise EngineError(
            f"could not read the AWS Price List of {service}", detail=f"{url}: {error}", hint=HINT
        ) from error
    yield from split_offer(_parse(text, url))


def split_offer(offer: Document) -> Iterator[Document]:
    """Give each product of a whole file in the shape that the API gives it."""
    terms = offer.get("terms", {})
    for sku, product in offer.get("products", {}).items():
        own = {kind: by_sku[sku] for kind, by_sku in terms.items() if sku in by_sku}
        yield {"product": product, "terms": own, "publicationDate": offer.get("publicationDate", "")}


def _parse(text: str, where: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise EngineError(f"{where} is no JSON: {error}", hint="try again; what was read is thrown away") from error
    if not isinstance(document, dict):
        raise EngineError(f"{where} is no product: a {type(document).__name__}", hint="try again")
    return document
