"""Products as the AWS Price List writes them -> rows of a snapshot. What is no price of ours is passed over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from candlefish.cost.catalogue import GLOBAL, Product, find_product
from candlefish.cost.model import Commitment, Row, Snapshot
from candlefish.errors import EngineError

Document = Mapping[str, Any]
"""One product with its terms: {"product": {"attributes": ...}, "terms": {"OnDemand": ..., "Reserved": ...}}."""

HOURS_PER_YEAR = 8760


def make_snapshot(
    documents: Iterable[tuple[str, Document]], region: str, today: date, origin: str, before: Snapshot | None
) -> Snapshot:
    """Return the snapshot of (service, product) pairs; rows that were not among them stay what they were `before`.

    Raises EngineError when not one of the products is a price of ours.
    """
    rows: dict[str, Row] = {}
    commitments: list[Commitment] = []
    for service, document in documents:
        for row, terms in _read(service, document, region, today):
            if row.key not in rows:
                rows[row.key] = row
                commitments += terms
    if not rows:
        raise EngineError(
            "the AWS Price List had none of the prices that candlefish needs",
            hint="look whether the address is that of AWS; the prices on this machine stay as they were",
        )
    kept = before if before is not None and before.region == region else None
    old_rows = [row for row in kept.rows if row.key not in rows] if kept else []
    old_terms = [item for item in kept.commitments if item.key not in rows] if kept else []
    return Snapshot(region, today, (*rows.values(), *old_rows), (*commitments, *old_terms), origin)


def _read(service: str, document: Document, region: str, today: date) -> Iterator[tuple[Row, list[Commitment]]]:
    described = document["product"]
    attributes = {"productFamily": described.get("productFamily", ""), **described.get("attributes", {})}
    product = find_product(service, attributes, region)
    terms = document.get("terms", {})
    tiers = _tiers(terms.get("OnDemand", {}), product) if product else ()
    if product is None or not tiers:
        return
    source = f"AWS Price List, {service}, usage type {attributes.get('usagetype', '')}"
    row = Row(
        product.key, service, product.what, product.unit, "global" if service in GLOBAL else region, today, source,
        tiers,
    )  # fmt: skip
    reserved = (_commitment(row, term) for term in terms.get("Reserved", {}).values())
    yield row, [item for item in reserved if item is not None]


def _tiers(terms: Mapping[str, Any], product: Product) -> tuple[tuple[float, float], ...]:
    """Return (from, USD a unit) of the first term in force, with what is free before it."""
    for term in terms.values():
        prices = sorted(
            (float(dimension.get("beginRange", "0")) / product.per, _usd(dimension) * product.per)
            for dimension in term["priceDimensions"].values()
            if dimension.get("unit") != "Quantity"
        )
        if any(price for _, price in prices):
            return _after_free(prices, product.free)
    return ()


def _after_free(prices: list[tuple[float, float]], free: float) -> tuple[tuple[float, float], ...]:
    if not free or prices[0][1] == 0:
        return tuple(prices)
    later = [(start, price) for start, price in prices[1:] if start > free]
    return ((0.0, 0.0), (free, prices[0][1]), *later)


def _usd(dimension: Mapping[str, Any]) -> float:
    return float(dimension["pricePerUnit"].get("USD", "0"))


def _commitment(row: Row, term: Mapping[str, Any]) -> Commitment | None:
    """Return a reserved term with its upfront payment spread over its hours, None for a kind that is not sold."""
    about = term.get("termAttributes", {})
    years = {"1yr": 1, "3yr": 3}.get(about.get("LeaseContractLength", ""))
    payment = about.get("PurchaseOption", "").lower()
    if years is None or payment not in ("no upfront", "partial upfront", "all upfront"):
        return None
    dimensions = term["priceDimensions"].values()
    upfront = sum(_usd(d) for d in dimensions if d.get("unit") == "Quantity")
    hourly = sum(_usd(d) for d in dimensions if d.get("unit") != "Quantity")
    effective = hourly + upfront / (years * HOURS_PER_YEAR)
    return Commitment(row.key, "reserved", years, payment, effective, row.as_of, row.source)


def difference(before: Snapshot | None, after: Snapshot) -> list[tuple[str, Row | None, Row]]:
    """Return (key, old row, new row) where a price is new or another one than before."""
    old = {row.key: row for row in before.rows} if before is not None and before.region == after.region else {}
    return [(row.key, old.get(row.key), row) for row in after.rows if _other(old.get(row.key), row)]


def _other(old: Row | None, new: Row) -> bool:
    return old is None or replace(old, tiers=()).unit != new.unit or old.tiers != new.tiers
