"""`candlefish cost --refresh`: today's prices into a file of the user; what was there stays whole until they are."""

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from candlefish.aws.prices import PUBLIC_URL, Document, fetch_products, fetch_public, make_client
from candlefish.cost.catalogue import GLOBAL, SERVICES, require_prefix, service_filters
from candlefish.cost.model import Snapshot
from candlefish.cost.offers import difference, make_snapshot
from candlefish.cost.snapshot import load_packaged, parse_snapshot, render_snapshot
from candlefish.errors import EngineError, StateNotWritable, UsageError

SHOWN = 30
"""Prices that changed and are printed; the rest are counted."""


def refresh(region: str, file: Path, today: date, price_list: str = "") -> Snapshot:
    """Read the price list, say what changed and write the file; return the new prices.

    With credentials the API is asked, without any, or with an address of its own, the public files are.
    """
    require_prefix(region)
    before = _before(region, file)
    client = None if price_list else make_client()
    documents = _documents(client, region, price_list or PUBLIC_URL)
    after = make_snapshot(documents, region, today, str(file), before)
    _replace(file, render_snapshot(after))
    _tell(before, after, file)
    return after


def _before(region: str, file: Path) -> Snapshot | None:
    try:
        return parse_snapshot(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UsageError):
        pass
    try:
        return load_packaged(region)
    except UsageError:
        return None


def _documents(client: Any | None, region: str, url: str) -> Iterator[tuple[str, Document]]:
    for service in SERVICES:
        print(f"prices of {service} ...", file=sys.stderr)
        place = None if service in GLOBAL else region
        asked = fetch_products(client, service, service_filters(service, region)) if client else None
        try:
            for document in asked if asked is not None else fetch_public(service, place, url):
                yield service, document
        except EngineError:
            if asked is None:
                raise
            print(f"  the API refused: reading the public file of {service}", file=sys.stderr)
            for document in fetch_public(service, place, url):
                yield service, document


def _replace(file: Path, text: str) -> None:
    """Write beside the file and put it in place in one step: whoever interrupts finds the old one whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise StateNotWritable(
            f"could not write {file}", detail=str(error), hint="name another file with --prices"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # the folder may be one that can't be written at all
            beside.unlink(missing_ok=True)


def _tell(before: Snapshot | None, after: Snapshot, file: Path) -> None:
    changed = difference(before, after)
    for key, old, new in changed[:SHOWN]:
        was = "new" if old is None else f"{old.price:g}"
        print(f"  {key}: {was} -> {new.price:g} USD for a {new.unit}", file=sys.stderr)
    if len(changed) > SHOWN:
        print(f"  and {len(changed) - SHOWN} more", file=sys.stderr)
    kept = sum(row.as_of != after.as_of for row in after.rows)
    words = f"; {kept} rows were not found and stay what they were" if kept else ""
    print(f"{len(after.rows)} prices, {len(changed)} changed{words}: {file}", file=sys.stderr)
