"""`candlefish cache`: what helps the application's cache; one module for each command below it."""

import typer

from candlefish.cli.cache_advise import advise

cache = typer.Typer(help="Find out what helps the cache of an application.", no_args_is_help=True)
cache.command("advise")(advise)


@cache.callback()
def _cache() -> None:
    """Find out what helps the cache of an application."""
