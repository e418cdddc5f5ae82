"""Let every visitor of a web application see what they have written, whichever process and replica answers.

candlefish up
eval "$(candlefish env)"
python examples/own_writes.py

The application is plain ASGI, so the middleware fits any framework; a few lines play the web server and the browser.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

from candlefish import Database

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

COOKIE = "written"
REMEMBER_S = 30
"""As long as `Database` remembers a write itself."""

TABLE = "create table if not exists own_writes (id bigint generated always as identity, word text not null)"


class OwnWrites:
    """Give each request a scope, and send what it wrote along in a cookie."""

    def __init__(self, app: App, db: Database) -> None:
        self.app = app
        self.db = db

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookie = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")).get(COOKIE)
        with self.db.own_writes(cookie.value if cookie else None) as writes:

            async def send_token(message: Message) -> None:
                if message["type"] == "http.response.start" and (token := await writes.token()):
                    written = f"{COOKIE}={token}; Max-Age={REMEMBER_S}; Path=/; HttpOnly; SameSite=Lax"
                    message["headers"] = [*message.get("headers", ()), (b"set-cookie", written.encode())]
                await send(message)

            await self.app(scope, receive, send_token)


def make_app(db: Database) -> App:
    """Return an application: POST writes a word, GET counts them."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await db.execute("insert into own_writes (word) values ('candlefish')")
        words = await db.fetchval("select count(*) from own_writes")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": str(words).encode()})

    return OwnWrites(app, db)


class Browser:
    """Ask an application, and keep its cookie."""

    def __init__(self) -> None:
        self.cookies = SimpleCookie()

    async def ask(self, app: App, method: str) -> int:
        answer: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            answer.append(message)

        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        headers = [(b"cookie", cookies.encode())] if cookies else []
        await app({"type": "http", "method": method, "path": "/words", "headers": headers}, receive, send)
        for name, value in answer[0]["headers"]:
            if name == b"set-cookie":
                self.cookies.load(value.decode())
        return int(answer[1]["body"])


async def main() -> None:
    # Two Databases are two processes behind a load balancer: neither knows what the other has written.
    async with Database.from_env() as one, Database.from_env() as other:
        await one.execute(TABLE)
        print("who has written nothing is answered by a replica:", await other.fetchval("select pg_is_in_recovery()"))

        here, there = make_app(one), make_app(other)
        writer = Browser()
        for _ in range(20):
            written = await writer.ask(here, "POST")
            seen = await writer.ask(there, "GET")
            assert seen >= written, "the other process read from before the write"
        print(f"{seen} words written in one process, all of them seen in the other, by the cookie alone")
        await one.execute("drop table own_writes")


asyncio.run(main())
