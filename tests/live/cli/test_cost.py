"""`candlefish cost` as a user runs it: the bill, a change, a page, prices read anew from a list on this machine."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from candlefish.cost.catalogue import GLOBAL, SERVICES

pytestmark = pytest.mark.live

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[3]
MISSION = ROOT / "examples" / "mission-estate" / "candlefish.toml"
FIRST_PORT = 31_700
"""Below those that Linux hands to outgoing connections."""


def product(family: str, usage: str, usd: str, **attributes: str) -> dict[str, Any]:
    return {"productFamily": family, "attributes": {"usagetype": usage, **attributes}, "usd": usd}


OFFERS = {
    "AmazonRDS": [
        product("Database Instance", "Multi-AZUsage:db.r6g.xl", "1.5", instanceType="db.r6g.xlarge",
                databaseEngine="PostgreSQL"),
    ],
    "AmazonElastiCache": [
        product("Cache Instance", "NodeUsage:cache.r7g.xlarge", "0.5", instanceType="cache.r7g.xlarge",
                cacheEngine="Redis"),
    ],
}  # fmt: skip


def offer(products: list[dict[str, Any]]) -> dict[str, Any]:
    terms = {
        f"SKU{index}": {"T": {"priceDimensions": {"R": {"unit": "Hrs", "pricePerUnit": {"USD": item["usd"]}}}}}
        for index, item in enumerate(products)
    }
    described = {f"SKU{index}": item for index, item in enumerate(products)}
    return {"products": described, "terms": {"OnDemand": terms}, "publicationDate": "2026-11-20T00:00:00Z"}


@pytest.fixture
def price_list(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a price list with two prices, all other services empty; give its address and its folder."""
    folder = tmp_path / "served"
    for service in SERVICES:
        place = folder / "offers/v1.0/aws" / service / "current"
        place = place if service in GLOBAL else place / "us-east-1"
        place.mkdir(parents=True)
        (place / "index.json").write_text(json.dumps(offer(OFFERS.get(service, []))))

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, directory=str(folder), **kwargs)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = listen(Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def listen(handler: type[SimpleHTTPRequestHandler]) -> ThreadingHTTPServer:
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with suppress(OSError):
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
    raise AssertionError(f"no port is free from {FIRST_PORT} on")


def cost(candlefish: Run, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return candlefish("cost", *words, XDG_CONFIG_HOME=str(tmp_path / "config"))


def total(done: subprocess.CompletedProcess[str]) -> float:
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["total_usd"])


def test_a_folder_without_a_spec_gets_the_bill_of_the_default_estate(candlefish: Run, tmp_path: Path) -> None:
    done = cost(candlefish, tmp_path)
    assert done.returncode == 0, done.stderr
    for figure in ("656.27", "328.50", "46.00", "957.03"):
        assert figure in done.stdout
    assert done.stderr == ""


def test_the_mission_s_estate_stands_beside_both_claims_and_its_page_is_written(
    candlefish: Run, tmp_path: Path
) -> None:
    page = tmp_path / "cost.html"
    done = cost(candlefish, tmp_path, "--spec", str(MISSION), "--html", str(page), "--json")
    claim, managed = json.loads(done.stdout)["comparisons"]
    assert (claim["theirs_usd"], managed["theirs_usd"]) == (1385, 3200)
    assert claim["like_for_like_usd"] == pytest.approx(2083.82, abs=0.01)
    assert "like for like" in page.read_text()


def test_a_difference_is_shown_line_by_line(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('[aws]\ncache_engine = "valkey"\n')
    done = cost(candlefish, tmp_path, "--diff", "other.toml", "--json")
    data = json.loads(done.stdout)
    assert [change["line_id"] for change in data["changes"]] == ["cache.nodes"]
    assert data["difference"] < 0


def test_a_region_without_prices_is_an_error_that_says_what_to_do(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "candlefish.toml").write_text('[aws]\nregion = "eu-central-1"\n')
    done = cost(candlefish, tmp_path)
    assert done.returncode == 2
    assert "eu-central-1" in done.stderr
    assert "--refresh" in done.stderr


def test_prices_read_anew_are_used_from_then_on_and_the_others_stay(
    candlefish: Run, tmp_path: Path, price_list: tuple[str, Path]
) -> None:
    before = total(cost(candlefish, tmp_path, "--json"))
    done = cost(candlefish, tmp_path, "--refresh", "--price-list", price_list[0], "--json")
    assert "0.899 -> 1.5" in done.stderr
    expected = before + 730 * (1.5 - 0.899) + 3 * 730 * (0.5 - 0.437)
    assert total(done) == pytest.approx(expected, abs=0.01)
    assert total(cost(candlefish, tmp_path, "--json")) == pytest.approx(expected, abs=0.01)


def test_a_failed_refresh_leaves_the_old_prices_whole(
    candlefish: Run, tmp_path: Path, price_list: tuple[str, Path]
) -> None:
    address, folder = price_list
    own = tmp_path / "own.json"
    assert cost(candlefish, tmp_path, "--refresh", "--price-list", address, "--prices", str(own)).returncode == 0
    kept = own.read_text()
    next(folder.rglob("AWSELB/**/index.json")).write_text('{"products": ')
    done = cost(candlefish, tmp_path, "--refresh", "--price-list", address, "--prices", str(own))
    assert done.returncode == 3
    assert "AWSELB" in done.stderr
    assert own.read_text() == kept
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".own")] == []


def test_old_prices_are_refused_until_that_is_wanted(candlefish: Run, tmp_path: Path) -> None:
    data = json.loads((ROOT / "src/candlefish/cost/prices/us-east-1.json").read_text())
    (tmp_path / "old.json").write_text(json.dumps(data | {"as_of": "2020-01-01"}))
    refused = cost(candlefish, tmp_path, "--prices", "old.json")
    assert refused.returncode == 2
    assert "days old" in refused.stderr
    wanted = cost(candlefish, tmp_path, "--prices", "old.json", "--allow-old-prices")
    assert wanted.returncode == 0
    assert "WARNING" in wanted.stdout
    assert "days old" in wanted.stderr
