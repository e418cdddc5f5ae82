"""Tags: what makes many keys invalid at once.

A tag has a version in Redis: an entry without a payload, whose random stamp is the version. To invalidate the tag is to
delete it, and the next load makes another. What is kept under tags has for its basis a digest of the epochs of the
Redis primaries and of the tags' versions: when one of them is another, or is not there, it is no entry any more. So a
version that is evicted, or brought back by a failover, costs a load and is never wrong. And a tag has a fence as a key
has: every load of what it tags has to see it.
"""

import asyncio
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from candlefish.client.aside.aside import Aside, each
from candlefish.client.aside.entry import RAW, STAMP_BYTES, STAMP_OFFSET, Header, make_stamp
from candlefish.client.aside.fences import OpenTag, raise_fence
from candlefish.client.aside.form import Form
from candlefish.client.aside.freshness import MS
from candlefish.client.aside.keys import name_lease, name_tag
from candlefish.client.aside.lookup import NOTHING, Found, ask, find_many, require_away
from candlefish.client.aside.policy import Policy
from candlefish.client.aside.scripts import OPEN, RAISE
from candlefish.client.fence import Load
from candlefish.client.redis.epoch import EPOCH_BYTES
from candlefish.errors import CacheUnavailable, UsageError

VERSION_MS: Final = 60_000
"""How much longer than an entry its tags' versions live at least: the longest load that is worth keeping."""

_NO_FORM: Final = bytes(4)
_FAR_MS: Final = 2**63
"""A version ends when Redis says so, not by a clock."""


class Opened(NamedTuple):
    """The form under which something is kept now, and the tags on which that depends; `away`: Redis could not say."""

    form: Form
    tags: tuple[OpenTag, ...] = ()
    away: bool = False


class Tags:
    """Look up, and prepare to keep, what stands under tags."""

    def __init__(self, aside: Aside, prefix: str) -> None:
        self._aside = aside
        self._prefix = prefix

    def places(self, tags: Sequence[str]) -> list[str]:
        """Return where the versions of tags stand; raise UsageError for what is no list of tags."""
        if isinstance(tags, str):
            raise UsageError(f"tags={tags!r} is one text, not several tags", hint=f"write tags=({tags!r},)")
        return [name_tag(self._prefix, tag) for tag in dict.fromkeys(tags)]

    async def find_many(self, keys: Sequence[str], form: Form, tags: Sequence[str], policy: Policy) -> dict[str, Found]:
        """Look up what was kept under these very tags, in one round trip."""
        redis, local = self._aside.redis, self._aside.local
        epochs = redis.epochs
        asked = {key: ask(redis, local, key) for key in keys}
        versions = await asyncio.gather(
            *[ask(redis, local, place) for place in self.places(tags)], return_exceptions=True
        )
        known = [version for version in versions if isinstance(version, bytes)]
        if len(known) == len(versions):
            return await find_many(redis, asked, form.under(_digest(epochs, known)), policy)
        await asyncio.gather(*asked.values(), return_exceptions=True)
        lost = [version for version in versions if isinstance(version, BaseException)]
        return dict.fromkeys(keys, require_away(lost[0]) if lost else NOTHING)

    async def open(self, form: Form, tags: Sequence[str], ttl_s: float) -> Opened:
        """Say under what a load that begins now is kept.

        Who invalidates a tag from now on ends its version; who has done so before is named by its fence.
        """
        if not tags:
            return Opened(form)
        epochs, places = self._aside.redis.epochs, self.places(tags)
        try:
            replies = await each([self._open(place, round(ttl_s * MS)) for place in places])
        except CacheUnavailable:
            self._aside.counts.errors += 1
            return Opened(form, away=True)
        under = form.under(_digest(epochs, [version for version, _ in replies]))
        return Opened(under, tuple(OpenTag(place, raw) for place, (_, raw) in zip(places, replies, strict=True)))

    async def _open(self, place: str, ttl_ms: int) -> list[bytes]:
        stamp, epoch = make_stamp(), self._aside.redis.epoch_of(place)
        version = Header(RAW, _NO_FORM, epoch, stamp, _FAR_MS, 0).pack()
        args = (version, ttl_ms + VERSION_MS, epoch, stamp.hex())
        reply: list[bytes] = await self._aside.redis.eval(OPEN, _keys(self._aside, place), args)
        return reply


async def raise_fences(aside: Aside, tags: Sequence[OpenTag], load: Load) -> None:
    """Let later loads read from replicas that have what this one has seen of tags without a floor."""
    raised = [(tag, text) for tag in tags if (text := raise_fence(tag.fence, load))]
    await each([aside.redis.eval(RAISE, _keys(aside, tag.place), (tag.raw, text)) for tag, text in raised])


def _keys(aside: Aside, place: str) -> tuple[str, str, str]:
    return place, name_lease(place), aside.fences.name(place)


def _digest(epochs: Sequence[bytes], versions: Sequence[bytes]) -> bytes:
    """Return the basis. It holds every epoch: the servers of a key and of its tags are often not the same."""
    stamps = [version[STAMP_OFFSET : STAMP_OFFSET + STAMP_BYTES] for version in versions]
    return blake2b(b"".join([*sorted(epochs), *stamps]), digest_size=EPOCH_BYTES).digest()
