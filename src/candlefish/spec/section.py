"""What every table of candlefish.toml has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One table of candlefish.toml: can't be changed, takes no unknown keys, converts no types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
