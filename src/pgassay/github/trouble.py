"""What can go wrong with a call to GitHub, in a sentence each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pgassay.errors import PgassayError

WAIT_WITHOUT_ADVICE = 60.0
"""GitHub's rule for a limit without retry-after (docs: rate limits for the REST API)."""
SHORTEST_WAIT = 1.0
LONGEST_QUOTE = 200
_MAY_NOT = "the token may not"
_LIMIT = re.compile("rate limit|abuse detection", re.IGNORECASE)


class GitHubError(PgassayError):
    """One line about why GitHub did not do what was asked. GitHub's own words in it are cut, and hold no token."""


class Refused(GitHubError):
    """The same request would be refused again. `status` is None for one that was never sent."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class InDoubt(GitHubError):
    """No answer, or none of GitHub's own: what was to be written may be there or not."""


class Limited(GitHubError):
    """GitHub did nothing and wants to be left alone for `seconds`."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class OutOfTime(GitHubError):
    pass


def trouble(
    verb: str, status: int, headers: Mapping[str, str], answer: Any, *, token: str, now: float
) -> Refused | InDoubt | Limited:
    """What an answer of 400 and above means. `now` is in seconds since 1970, as `x-ratelimit-reset` is."""
    answer = answer if isinstance(answer, dict) else {}
    message = answer.get("message")
    said = _quoted(f"{status} {message}" if isinstance(message, str) else str(status), token)
    if status == 429 or (status == 403 and _is_limit(headers, message)):
        return Limited(f"GitHub limits how much it takes ({said})", _advised(headers, now))
    if status >= 500:
        return InDoubt(f"GitHub answered {said}")
    if status == 401:
        return Refused(f"GitHub does not accept the token ({said})", status)
    if status == 403:
        allowed = "read this pull request" if verb == "GET" else "write on this pull request"
        return Refused(
            f"{_MAY_NOT} {allowed} ({said}); the job needs `pull-requests: write`, which a run for a fork or by"
            " Dependabot never gets",
            status,
        )
    if status == 404:
        return Refused(f"GitHub does not find that, or does not show it to this token ({said})", status)
    return Refused(f"GitHub refused what was sent ({said}{_details(answer.get('errors'), token)})", status)


def not_posted(degraded: str, expected: str | None, *, is_from_fork: bool) -> str:
    """For whoever looks for the comments. `expected` says why the token was likely to be read-only."""
    if expected is None or not degraded.startswith(_MAY_NOT):
        return f"not everything is on the pull request: {degraded}"
    how = "; README#forks tells how to have them on the pull request" if is_from_fork else ""
    return f"{expected}, so the findings are on the page of this job{how}"


def _details(errors: Any, token: str) -> str:
    """Strings for reviews, objects for comments."""
    if not isinstance(errors, list):
        return ""
    texts = (error.get("message") if isinstance(error, dict) else error for error in errors)
    return _quoted("".join(f"; {text}" for text in texts if isinstance(text, str)), token)


def _quoted(text: str, token: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.replace(token, "***")[:LONGEST_QUOTE]


def _advised(headers: Mapping[str, str], now: float) -> float:
    if (seconds := headers.get("retry-after", "")).isdecimal():
        return max(SHORTEST_WAIT, float(seconds))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - now) + SHORTEST_WAIT
    return WAIT_WITHOUT_ADVICE


def _is_limit(headers: Mapping[str, str], message: object) -> bool:
    """A 403 is a limit or a lack of permission; a limit may come without any header, and has had two names."""
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or (isinstance(message, str) and _LIMIT.search(message) is not None)
    )
