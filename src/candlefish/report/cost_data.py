"""A statement of cost as one JSON object: every line with its quantity, price, source and date."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from candlefish.cost.change import Change
from candlefish.cost.compare import Comparison
from candlefish.cost.model import Bill, Charge, Line
from candlefish.cost.savings import Savings
from candlefish.cost.statement import Statement

FORMAT_VERSION = 1


def render_cost_json(statement: Statement) -> str:
    """Print a statement as JSON with two spaces of indentation."""
    return json.dumps(cost_object(statement), indent=2, ensure_ascii=False)


def render_changes_json(changes: Sequence[Change], before: Bill, after: Bill) -> str:
    """Print what changes from one bill to another as JSON."""
    found = [{**dataclasses.asdict(change), "difference": _usd(change.difference)} for change in changes]
    whole = {
        "format": FORMAT_VERSION,
        "before": _usd(before.total),
        "after": _usd(after.total),
        "difference": _usd(after.total - before.total),
        "changes": found,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def cost_object(statement: Statement) -> dict[str, Any]:
    """Return a statement as plain lists and dictionaries, the total first."""
    bill = statement.bill
    return {
        "format": FORMAT_VERSION,
        "name": bill.name,
        "region": bill.region,
        "total_usd": _usd(bill.total),
        "currency": "USD",
        "per": "month of 730 hours",
        "warning": statement.warning,
        "prices": {"as_of": bill.snapshot.as_of.isoformat(), "origin": bill.snapshot.origin},
        "lines": [_line(line) for line in bill.lines],
        "subtotals": {part: _usd(sum(line.usd for line in lines)) for part, lines in bill.parts()},
        "old_rows": {"keys": [row.key for row in statement.aged.rows], "usd": _usd(statement.aged.usd)},
        "savings": _savings(statement.savings),
        "alternatives": [dataclasses.asdict(item) for item in statement.alternatives],
        "comparisons": [_comparison(item) for item in statement.comparisons],
        "not_priced": [dataclasses.asdict(item) for item in bill.unpriced],
    }


def _usd(value: float) -> float:
    return round(value, 4)


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "part": line.part,
        "what": line.what,
        "usd": _usd(line.usd),
        "depends_on": f"usage.{line.usage}" if line.usage else None,
        "assumption": line.assumption,
        "charges": [_charge(charge) for charge in line.charges],
    }


def _charge(charge: Charge) -> dict[str, Any]:
    row = charge.row
    return {
        "quantity": charge.quantity,
        "formula": charge.formula,
        "free": charge.free,
        "unit": row.unit,
        "unit_price": row.price,
        "tiers": [list(tier) for tier in row.tiers],
        "usd": _usd(charge.usd),
        "price": {
            "key": row.key, "service": row.service, "what": row.what, "region": row.region,
            "as_of": row.as_of.isoformat(), "source": row.source, "derived": row.derived, "note": row.note,
        },
    }  # fmt: skip


def _savings(savings: Savings) -> dict[str, Any]:
    return {
        "reservable_usd": _usd(savings.reservable),
        "ratio": round(savings.ratio, 4),
        "lines": [
            {
                "id": item.line_id,
                "usd": _usd(item.usd),
                "means": item.means,
                "note": item.note,
                "offers": [
                    {
                        "years": offer.years, "payment": offer.payment, "usd": _usd(offer.usd),
                        "saves": _usd(offer.saves), "effective_hourly": offer.commitment.effective_hourly,
                        "derived": offer.derived, "as_of": offer.commitment.as_of.isoformat(),
                        "source": offer.commitment.source,
                    }
                    for offer in item.offers
                ],
            }
            for item in savings.lines
        ],
    }  # fmt: skip


def _comparison(item: Comparison) -> dict[str, Any]:
    return {
        "name": item.name,
        "source": item.source,
        "theirs_usd": _usd(item.theirs),
        "ours_usd": _usd(item.ours),
        "like_for_like_usd": _usd(item.matched),
        "lines": [
            {
                "name": pair.name,
                "theirs": pair.theirs,
                "ours": None if pair.ours is None else _usd(pair.ours),
                "matches": [line.id for line in pair.lines],
                "note": pair.note,
            }
            for pair in item.pairs
        ],
        "not_in_theirs": {line.id: _usd(line.usd) for line in item.unmatched},
    }
