"""`Cached`: an async function whose results are kept, and how to forget or renew one of them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import update_wrapper
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar, get_type_hints

from candlefish.client.aside.policy import Policy
from candlefish.client.aside.template import Template, make_part
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from candlefish.client.cache import Cache

P = ParamSpec("P")
T = TypeVar("T")

BY_ANNOTATION: Final = object()
"""As `shape`: the type is the one that the function says it returns."""


class Cached(Generic[P, T]):
    """A function that runs once for each list of arguments while its result is kept; made by `Cache.cached`."""

    __name__: str

    def __init__(
        self,
        cache: "Cache",
        function: Callable[P, Awaitable[T]],
        template: str,
        *,
        shape: Any,
        ttl_s: float | None,
        policy: Policy | None,
        ignoring: tuple[str, ...],
        tags: Sequence[str],
    ) -> None:
        if not iscoroutinefunction(function):
            raise UsageError(f"{function!r} cannot be cached: it is no async function")
        update_wrapper(self, function)
        self.shape = _find_result_type(function) if shape is BY_ANNOTATION else shape
        self._cache = cache
        self._function = function
        self._template = Template(template, signature(function), ignoring)
        self._tags = [make_part(tag, signature(function)) for tag in tags]
        self._ttl_s = ttl_s
        self._policy = policy
        self._bound: tuple[Any, ...] = ()

    def __get__(self, instance: object, owner: type | None = None) -> "Cached[..., T]":
        """Give the method of an instance, which stands first among the arguments."""
        method: Cached[..., T] = object.__new__(Cached)
        method.__dict__.update(self.__dict__, _bound=() if instance is None else (instance,))
        return method

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what is kept for these arguments, or run the function and keep its result.

        `async`, though it need not be: this is how FastAPI and Starlette know what they have to await.
        """
        key, run = self._prepare(args, kwargs)
        tags = self.tags(*args, **kwargs) if self._tags else ()
        return await self._cache.get_or_load(
            key, run, shape=self.shape, ttl_s=self._ttl_s, policy=self._policy, tags=tags
        )

    def key(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the key of these arguments."""
        return self._template.write((*self._bound, *args), kwargs)

    def tags(self, *args: P.args, **kwargs: P.kwargs) -> tuple[str, ...]:
        """Return the tags of these arguments."""
        return tuple(tag.write((*self._bound, *args), kwargs) for tag in self._tags)

    async def forget(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Delete what is kept for these arguments; return whether Redis took it."""
        return await self._cache.delete(self.key(*args, **kwargs))

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function now, keep its result in place of what is kept, and return it."""
        key, run = self._prepare(args, kwargs)
        tags = self.tags(*args, **kwargs)
        return await self._cache.refresh(key, run, shape=self.shape, ttl_s=self._ttl_s, policy=self._policy, tags=tags)

    def _prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Callable[[], Awaitable[T]]]:
        if self._bound:
            args = (*self._bound, *args)
        return self._template.write(args, kwargs), lambda: self._function(*args, **kwargs)


def _find_result_type(function: Callable[..., Any]) -> Any:
    try:
        return get_type_hints(function, include_extras=True).get("return", Any)
    except NameError as error:
        raise UsageError(
            f"the type that {function.__qualname__} returns cannot be found: {error}",
            hint="give it to the decorator, as shape=...",
        ) from error
