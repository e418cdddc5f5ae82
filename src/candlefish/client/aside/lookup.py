"""What a key holds for one form: its value, if there is one, and how fresh it is."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final, NamedTuple

from candlefish.client.aside.aside import each
from candlefish.client.aside.entry import Header, read_header, split_side
from candlefish.client.aside.form import MISSING, Form, Unreadable
from candlefish.client.aside.freshness import Freshness, judge, now_ms
from candlefish.client.aside.keys import name_side
from candlefish.client.aside.policy import Policy
from candlefish.client.local.tier import LocalTier
from candlefish.client.redis.client import Redis
from candlefish.errors import CacheUnavailable


class Found(NamedTuple):
    """A value (or MISSING), how fresh it is, what its entry says of itself, and how many bytes Redis sent."""

    value: Any
    freshness: Freshness
    header: Header | None = None
    size_bytes: int = 0

    @property
    def stamp(self) -> bytes:
        """Name the entry, so that it can be replaced; empty when there is none."""
        return self.header.stamp if self.header is not None else b""

    def is_spare(self, policy: Policy) -> bool:
        """Tell whether the value may be served by now instead of one that could not be loaded."""
        if self.value is MISSING or self.header is None:
            return False
        return judge(self.header, policy, now_ms()) is Freshness.SPARE


NOTHING: Final = Found(MISSING, Freshness.GONE)
AWAY: Final = Found(MISSING, Freshness.GONE)
"""Redis did not answer: there is no use in asking it who loads."""


Asked = Awaitable[bytes | None]


async def examine(redis: Redis, key: str, raw: bytes | None, form: Form, policy: Policy) -> Found:
    """Say what the reply to GET is good for that `form.read` did not take.

    When the key holds an entry of another form, the entry of this form beside it counts, if it was filled beside that
    very one: so whoever deletes or replaces the key ends every form of it. Without it, who asks for no type is given
    what there is.
    """
    header = read_header(raw) if raw is not None else None
    if raw is None or header is None or header.basis not in form.bases:
        return NOTHING
    if header.fingerprint == form.fingerprint:
        return _judge(raw, header, form, policy)
    try:
        beside, own = split_side(await redis.get(name_side(key, form.fingerprint)) or b"")
    except CacheUnavailable:
        return AWAY
    own_header = read_header(own)
    if beside == header.stamp and own_header is not None and own_header.basis in form.bases:
        return _judge(own, own_header, form, policy)
    return _judge(raw, header, form, policy) if form.takes(header) else NOTHING


async def find_many(redis: Redis, asked: Mapping[str, Asked], form: Form, policy: Policy) -> dict[str, Found]:
    """Say what the keys hold that have been asked for."""
    replies = await asyncio.gather(*asked.values(), return_exceptions=True)
    found: dict[str, Found] = {}
    unclear: list[tuple[str, bytes]] = []
    for key, raw in zip(asked, replies, strict=True):
        if isinstance(raw, BaseException):
            found[key] = require_away(raw)
        elif raw is None:
            found[key] = NOTHING
        elif (value := form.read(raw)) is not MISSING:
            found[key] = Found(value, Freshness.FRESH, None, len(raw))
        else:
            unclear.append((key, raw))
    examined = await each([examine(redis, key, raw, form, policy) for key, raw in unclear])
    found.update((key, one) for (key, _), one in zip(unclear, examined, strict=True))
    return found


def ask(redis: Redis, local: LocalTier | None, key: str) -> Asked:
    """Ask this process's own memory for what a key holds, or else Redis."""
    raw = None if local is None else local.find(key)
    answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    if raw is not None:
        answer.set_result(raw)
        return answer
    try:
        return redis.get(key)
    except CacheUnavailable as error:  # of one node of several
        answer.set_exception(error)
        return answer


def require_away(error: BaseException) -> Found:
    """Return what a lookup has found without Redis; raise any other error."""
    if not isinstance(error, CacheUnavailable):
        raise error
    return AWAY


def _judge(raw: bytes, header: Header, form: Form, policy: Policy) -> Found:
    try:
        return Found(form.open(raw), judge(header, policy, now_ms()), header, len(raw))
    except Unreadable:
        return Found(MISSING, Freshness.GONE, header, len(raw))
