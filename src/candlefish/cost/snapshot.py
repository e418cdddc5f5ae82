"""A snapshot of prices as JSON text: read, written, checked for its age, asked for a row."""

import json
from datetime import date
from importlib import resources
from typing import Any

from candlefish.cost.model import Commitment, Row, Snapshot
from candlefish.errors import UsageError

FORMAT = 1

WARN_AFTER_DAYS = 180
"""Older prices are warned of: AWS changes few, but twice a year some."""

REFUSE_AFTER_DAYS = 400
"""Older prices are refused without --allow-old-prices: a year and a month, so that last year's budget still opens."""

PACKAGED = "with candlefish"
REFRESH = "candlefish cost --refresh"


def load_packaged(region: str) -> Snapshot:
    """Return the snapshot that comes with the package; raise UsageError for a region that has none."""
    file = resources.files("candlefish.cost.prices") / f"{region}.json"
    if not file.is_file():
        there = sorted(
            f.name.removesuffix(".json")
            for f in resources.files("candlefish.cost.prices").iterdir()
            if f.name.endswith(".json")
        )
        raise UsageError(
            f"there are no prices for the region {region}",
            detail=f"candlefish comes with prices for {', '.join(there)}; no region is priced with another's",
            hint=f"run `{REFRESH}`, which reads those of aws.region from the AWS Price List",
        )
    return parse_snapshot(file.read_text(encoding="utf-8"), PACKAGED)


def parse_snapshot(text: str, origin: str) -> Snapshot:
    """Return the snapshot in a JSON text; raise UsageError for a text that is none."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise UsageError(
                f"the prices in {origin} have format {data['format']}, this candlefish reads {FORMAT}",
                hint=f"run `{REFRESH}`",
            )
        return Snapshot(
            region=data["region"],
            as_of=date.fromisoformat(data["as_of"]),
            rows=tuple(_row(data, item) for item in data["rows"]),
            commitments=tuple(_commitment(data, item) for item in data["commitments"]),
            origin=origin,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{origin} is no snapshot of prices: {error}", hint=f"delete it and run `{REFRESH}`"
        ) from error


def _row(data: dict[str, Any], item: dict[str, Any]) -> Row:
    tiers = item.get("tiers") or [[0, item["price"]]]
    return Row(
        key=item["key"],
        service=item["service"],
        what=item["what"],
        unit=item["unit"],
        region=item.get("region", data["region"]),
        as_of=date.fromisoformat(item["as_of"]),
        source=data["sources"][item["source"]],
        tiers=tuple((float(start), float(price)) for start, price in tiers),
        derived=item.get("derived", ""),
        note=item.get("note", ""),
    )


def _commitment(data: dict[str, Any], item: dict[str, Any]) -> Commitment:
    return Commitment(
        key=item["key"],
        kind=item["kind"],
        years=int(item["years"]),
        payment=item["payment"],
        effective_hourly=float(item["effective_hourly"]),
        as_of=date.fromisoformat(item["as_of"]),
        source=data["sources"][item["source"]],
    )


def render_snapshot(snapshot: Snapshot) -> str:
    """Return the JSON text of a snapshot, one row a line; `parse_snapshot` reads it."""
    sources = sorted({row.source for row in snapshot.rows} | {item.source for item in snapshot.commitments})
    keys = {source: f"s{index}" for index, source in enumerate(sources, 1)}
    head = {"format": FORMAT, "region": snapshot.region, "currency": "USD", "as_of": snapshot.as_of.isoformat()}
    parts = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    parts.append(f' "sources": {json.dumps({keys[source]: source for source in sources})}')
    parts.append(f' "rows": {_lines([_row_object(row, keys, snapshot.region) for row in snapshot.rows])}')
    parts.append(f' "commitments": {_lines([_commitment_object(c, keys) for c in snapshot.commitments])}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(items: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in items) + "\n ]"


def _row_object(row: Row, keys: dict[str, str], region: str) -> dict[str, Any]:
    single = len(row.tiers) == 1
    price: dict[str, Any] = {"price": row.tiers[0][1]} if single else {"tiers": [list(tier) for tier in row.tiers]}
    optional = {"derived": row.derived, "note": row.note, "region": row.region if row.region != region else ""}
    return {
        "key": row.key, "service": row.service, "what": row.what, **price, "unit": row.unit,
        "as_of": row.as_of.isoformat(), "source": keys[row.source],
        **{name: value for name, value in optional.items() if value},
    }  # fmt: skip


def _commitment_object(item: Commitment, keys: dict[str, str]) -> dict[str, Any]:
    return {
        "key": item.key, "kind": item.kind, "years": item.years, "payment": item.payment,
        "effective_hourly": item.effective_hourly, "as_of": item.as_of.isoformat(), "source": keys[item.source],
    }  # fmt: skip


def find_row(snapshot: Snapshot, key: str) -> Row | None:
    """Return a row by its key, None when the snapshot has none such."""
    return next((row for row in snapshot.rows if row.key == key), None)


def require_row(snapshot: Snapshot, key: str, what: str) -> Row:
    """Return a row by its key; raise UsageError, which names what it is the price of, when there is none."""
    row = find_row(snapshot, key)
    if row is None:
        raise UsageError(
            f"there is no price for {what} in {snapshot.region}",
            detail=f"the prices {snapshot.origin} of {snapshot.as_of} have no row {key}, and no price is guessed",
            hint=f"run `{REFRESH}`, which reads today's AWS Price List, or choose another class",
        )
    return row


def check_age(snapshot: Snapshot, today: date, *, allow_old: bool = False) -> str:
    """Return a warning for prices that are old, or an empty text; raise UsageError for those too old to print."""
    days = (today - snapshot.as_of).days
    if days > REFUSE_AFTER_DAYS and not allow_old:
        raise UsageError(
            f"the prices are {days} days old: read on {snapshot.as_of}, {REFUSE_AFTER_DAYS} days are the most",
            hint=f"run `{REFRESH}`, or add --allow-old-prices",
        )
    if days > WARN_AFTER_DAYS:
        return f"the prices are {days} days old (read on {snapshot.as_of}): run `{REFRESH}`"
    return ""


def require_region(snapshot: Snapshot, region: str) -> None:
    """Raise UsageError when a snapshot is that of another region."""
    if snapshot.region != region:
        raise UsageError(
            f"the prices {snapshot.origin} are those of {snapshot.region}, the tier stands in {region}",
            hint=f"run `{REFRESH}`, which reads those of aws.region",
        )
