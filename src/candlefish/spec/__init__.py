"""What a user declares in candlefish.toml: its model, its loader, its checks."""

from candlefish.spec.load import load
from candlefish.spec.model import Spec

__all__ = ["Spec", "load"]
