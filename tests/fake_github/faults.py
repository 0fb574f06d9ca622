"""What can be made to go wrong with a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from tests.fake_github.shapes import error

SECONDARY_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY_LIMIT = "API rate limit exceeded for installation ID 1."
UNICORN = "<html><head><title>502 Bad Gateway</title></head><body>This page is taking too long to load.</body></html>"


class Fault(Struct, frozen=True):
    """In this order: `first` is called, `delay` passes, the call takes effect (or not), the answer is replaced.

    `status` None without `reset` leaves the true answer. A `body` that is a string is sent as HTML. An answer that is
    `foreign` comes from something between us and GitHub, and is not held against the description.
    """

    status: int | None = None
    body: object = None
    headers: Mapping[str, str] = {}
    takes_effect: bool = False
    reset: bool = False
    delay: float = 0
    first: Callable[[], object] | None = None
    foreign: bool = False


def bad_gateway(*, after: bool, body: object = UNICORN) -> Fault:
    """502, before the call took effect or after it."""
    return Fault(502, body, takes_effect=after)


def server_error() -> Fault:
    return Fault(500, error(500, "Server Error"))


def connection_reset(*, after: bool) -> Fault:
    return Fault(reset=True, takes_effect=after)


def secondary_limit(*, status: int = 403, retry_after: int | None = None) -> Fault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status, error(status, SECONDARY_LIMIT), headers)


def primary_limit(*, reset_at: int, status: int = 403) -> Fault:
    """`reset_at` is in seconds since 1970."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_at)}
    return Fault(status, error(status, PRIMARY_LIMIT), headers)


def refused(status: int, message: str) -> Fault:
    return Fault(status, error(status, message))


def slow(seconds: float) -> Fault:
    return Fault(delay=seconds, takes_effect=True)


def meanwhile(action: Callable[[], object]) -> Fault:
    """Something happens on GitHub just before the call is served."""
    return Fault(takes_effect=True, first=action)


def foreign(status: int, body: object, *, takes_effect: bool = False, **headers: str) -> Fault:
    """What a proxy, a login page or a maintenance page may answer."""
    return Fault(status, body, headers, takes_effect=takes_effect, foreign=True)
