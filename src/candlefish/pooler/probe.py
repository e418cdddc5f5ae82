"""The first login to the database: what is refused ends the start, or is told until `bootstrap` has mended it."""

import asyncio
import threading
from collections.abc import Callable

from candlefish.errors import Unavailable
from candlefish.pooler.credentials import Login
from candlefish.pooler.environment import PoolerEnvironment
from candlefish.pooler.login import LoginRefused, UserRefused, try_login

REFUSED_RETRY_S = 10.0
"""Seconds between two logins that are refused: often enough that whoever waits for `bootstrap` sees its effect, and six
lines a minute do not fill a log. Chosen, not measured."""

Say = Callable[[str], None]


def probe(environment: PoolerEnvironment, login: Login, say: Say) -> bool:
    """Log in to the primary once; return False when the user is refused and that may pass.

    On AWS the service starts before `bootstrap` has made the user. A container that ended there would fail its first
    deployment, which ECS then stalls for good, there being none to go back to (ECS, "How the Amazon ECS deployment
    circuit breaker detects failures"). A password in a file or in a variable is wrong until somebody changes it: an
    error at once. A database that is absent is a warning: it may be failing over.
    """
    try:
        asyncio.run(try_login(environment.server, login, origin=environment.app.shown))
    except Unavailable as error:
        say(f"warning: {error.message} ({error.detail}); clients wait until it is back")
    except UserRefused as error:
        if not environment.app.secret:
            raise
        say(_explain(error))
        return False
    return True


def await_login(
    environment: PoolerEnvironment, current: Callable[[], Login], stopping: threading.Event, say: Say
) -> None:
    """Log in again and again, with the login that is current then, and say each refusal, until it works."""
    while not stopping.wait(timeout=REFUSED_RETRY_S):
        login = current()
        try:
            asyncio.run(try_login(environment.server, login, origin=environment.app.shown))
        except Unavailable as error:
            say(f"warning: {error.message} ({error.detail}); tried again in {REFUSED_RETRY_S:g} s")
        except LoginRefused as error:
            say(_explain(error))
        else:
            say(f"the database takes {login.username} now")
            return


def _explain(error: LoginRefused) -> str:
    return (
        f"error: {error.message} ({error.detail}); no client is served until `bootstrap` has run, which gives the "
        f"database the user and the password of this secret; tried again in {REFUSED_RETRY_S:g} s"
    )
