"""The bill of a month: the plan priced from a dated snapshot of the AWS Price List. Pure: nothing is fetched here."""

from candlefish.cost.bill import make_bill
from candlefish.cost.model import Bill, Charge, Line, Snapshot

__all__ = ["Bill", "Charge", "Line", "Snapshot", "make_bill"]
