"""Write to the primary, read from a replica, keep what is asked for often.

candlefish up
eval "$(candlefish env)"
python examples/quickstart.py
"""

import asyncio

from candlefish import Cache, Database

TABLE = "create table if not exists quickstart (id bigint generated always as identity, word text not null)"


async def main() -> None:
    async with Database.from_env() as db, Cache.from_env(ttl_s=60) as cache:
        print("answered by a replica:", await db.fetchval("select pg_is_in_recovery()"))

        await db.execute(TABLE)
        async with db.transaction() as tx:
            for word in ("candle", "fish"):
                await tx.execute("insert into quickstart (word) values ($1)", word)

        # Whoever has written reads from a replica that has the write by now, or else from the primary.
        written = await db.fetchval("select count(*) from quickstart")

        async def count_words() -> int:
            return int(await db.fetchval("select count(*) from quickstart"))

        first = await cache.get_or_load("quickstart:words", count_words)  # a miss: the database is asked
        second = await cache.get_or_load("quickstart:words", count_words)  # a hit
        print(f"{written} words; through the cache {first}, then {second}; {cache.stats().hits} hit")

        await cache.delete("quickstart:words")
        await db.execute("drop table quickstart")


asyncio.run(main())
