"""The AWS Price List, read from a server on this machine and through botocore's own stub of the API."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from candlefish.aws.prices import fetch_products, fetch_public, make_client, split_offer
from candlefish.errors import EngineError

FIRST_PORT = 31_900
"""Below those that Linux hands to outgoing connections."""

OFFER = {
    "formatVersion": "v1.0",
    "offerCode": "AmazonElastiCache",
    "publicationDate": "2026-10-02T13:06:39Z",
    "products": {
        "AAA": {"sku": "AAA", "productFamily": "Cache Instance", "attributes": {"instanceType": "cache.r7g.large"}},
        "BBB": {"sku": "BBB", "productFamily": "Storage Snapshot", "attributes": {"usagetype": "BackupUsage"}},
    },
    "terms": {
        "OnDemand": {"AAA": {"AAA.J": {"priceDimensions": {}}}, "BBB": {"BBB.J": {"priceDimensions": {}}}},
        "Reserved": {"AAA": {"AAA.4": {"priceDimensions": {}}}},
    },
}


class PriceList(BaseHTTPRequestHandler):
    """Answer as the public price list does; one service is cut off in the middle, one is not JSON."""

    def do_GET(self) -> None:
        text = json.dumps(OFFER).encode()
        known = {
            "/offers/v1.0/aws/AmazonElastiCache/current/us-east-1/index.json": text,
            "/offers/v1.0/aws/AmazonCloudFront/current/index.json": text,
            "/offers/v1.0/aws/Broken/current/us-east-1/index.json": b"<html>",
            "/offers/v1.0/aws/List/current/us-east-1/index.json": b"[]",
            "/offers/v1.0/aws/Cut/current/us-east-1/index.json": text[:100],
        }
        body = known.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(text) if "/Cut/" in self.path else len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        del format, args


def listen() -> ThreadingHTTPServer:
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with suppress(OSError):
            return ThreadingHTTPServer(("127.0.0.1", port), PriceList)
    raise AssertionError(f"no port is free from {FIRST_PORT} on")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = listen()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_public_file_gives_each_product_with_its_own_terms(address: str) -> None:
    first, second = fetch_public("AmazonElastiCache", "us-east-1", address)
    assert first["product"]["attributes"]["instanceType"] == "cache.r7g.large"
    assert set(first["terms"]) == {"OnDemand", "Reserved"}
    assert set(second["terms"]) == {"OnDemand"}
    assert list(second["terms"]["OnDemand"]) == ["BBB.J"]


def test_a_service_of_no_region_has_one_file(address: str) -> None:
    assert len(list(fetch_public("AmazonCloudFront", None, f"{address}/"))) == 2


@pytest.mark.parametrize("service", ["Missing", "Broken", "List", "Cut"])
def test_a_file_that_can_not_be_read_whole_is_an_error_that_names_the_service(address: str, service: str) -> None:
    with pytest.raises(EngineError) as failed:
        list(fetch_public(service, "us-east-1", address))
    assert service in str(failed.value)
    assert failed.value.hint


def test_an_address_where_nobody_answers_is_an_error() -> None:
    with pytest.raises(EngineError, match="could not read"):
        list(fetch_public("AmazonRDS", "us-east-1", "http://127.0.0.1:9"))


def test_a_product_without_terms_has_none() -> None:
    (found,) = split_offer({"products": {"X": {"sku": "X"}}, "terms": {"OnDemand": {}}})
    assert found["terms"] == {}


def test_without_boto3_there_is_no_client_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert make_client() is None


def test_without_credentials_there_is_no_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert make_client() is None


def stubbed() -> tuple[Any, Any]:
    session = pytest.importorskip("botocore.session").get_session()
    stub = pytest.importorskip("botocore.stub")
    client = session.create_client(
        "pricing", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    return client, stub.Stubber(client)


def test_the_api_is_asked_page_by_page_for_exactly_what_is_wanted() -> None:
    client, stub = stubbed()
    wanted = {
        "ServiceCode": "AmazonRDS",
        "FormatVersion": "aws_v1",
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}],
    }
    product = {"product": {"sku": "AAA", "attributes": {}}, "terms": {"OnDemand": {}}}
    stub.add_response("get_products", {"PriceList": [json.dumps(product)], "NextToken": "more"}, wanted)
    stub.add_response("get_products", {"PriceList": [json.dumps(product)] * 2}, wanted | {"NextToken": "more"})
    with stub:
        found = list(fetch_products(client, "AmazonRDS", {"regionCode": "us-east-1"}))
    assert found == [product] * 3
    stub.assert_no_pending_responses()


def test_a_refusal_of_the_api_is_an_error_with_its_reason() -> None:
    client, stub = stubbed()
    stub.add_client_error("get_products", "AccessDeniedException", "not you", 400)
    with stub, pytest.raises(EngineError, match="AmazonRDS") as refused:
        list(fetch_products(client, "AmazonRDS", {}))
    assert "not you" in refused.value.detail
