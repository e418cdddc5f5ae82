"""The way to a Redis: what a client has to be told."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a server, with TLS when there is a file of authorities."""

    host: str
    port: int
    password: str = ""
    ca_file: str = ""
    database: int = 0

    @property
    def tls(self) -> bool:
        """Tell whether what goes through is encrypted."""
        return bool(self.ca_file)

    def into(self, database: int) -> "Door":
        """Return the same door, to another of the server's databases."""
        return replace(self, database=database)

    def url(self) -> str:
        """Return the URL as redis-py and candlefish read it."""
        credentials = f":{self.password}@" if self.password else ""
        place = f"{credentials}{self.host}:{self.port}/{self.database}"
        return f"rediss://{place}?ssl_ca_certs={self.ca_file}" if self.tls else f"redis://{place}"

    def parts(self) -> dict[str, Any]:
        """Return the arguments that clients take which read no URL."""
        return {"host": self.host, "port": self.port, "db": self.database, "password": self.password or None}
