"""What can be told of a PostgreSQL URL before anybody connects."""

import re
from urllib.parse import urlsplit

from candlefish.errors import UsageError

_BEGIN = re.compile(r"postgres(ql)?://")

_PLACE = r"(\[[0-9a-fA-F:.%]+\]|[^\[\]:,]*)(:\d{1,5})?"
_PLACES = re.compile(rf"{_PLACE}(,{_PLACE})*")
"""One host or several, each with a port of its own or none; an IPv6 address stands in brackets."""

_LOGIN = re.compile(r"(\w+://)?[^:/@]*")
_PASSWORD = re.compile(r"(?<=password=)[^&\s]*")


def check_url(name: str, url: str) -> str:
    """Return a URL that can be connected to; raise UsageError for one that can't, without its password."""
    wrong = _find_wrong(url)
    if wrong:
        raise UsageError(
            f"the {name} URL is not one of PostgreSQL: {hide_password(url)!r}",
            detail=wrong,
            hint="write postgresql://user:password@host:5432/database; in a password, %40 is @ and %2F is /",
        )
    return url


def hide_password(url: str) -> str:
    """Return a URL, however malformed, with *** where a password is or may be."""
    login, at, place = url.rpartition("@")
    if at:
        user = _LOGIN.match(login)
        url = f"{user[0] if user else ''}:***@{place}"
    return _PASSWORD.sub("***", url)


def _find_wrong(url: str) -> str:
    """Return what is wrong, without repeating any of it: a password with a / in it ends up as the port."""
    if not _BEGIN.match(url):
        return "it does not begin with postgresql://"
    try:
        places = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return "its host can't be read"
    return "" if _PLACES.fullmatch(places) else "its host and port can't be read"
