"""What the server's answers to tries mean. Pure."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model import ServerError
from pgassay.model.access import Reach, Try
from pgassay.proofs.access.probe import Answer

ERRORS = frozenset({"42P17", "42501", "42P01", "42883", "42703"})
"""infinite recursion in a policy, no right to what it reads, and names that are not there."""


class Reached(Struct, frozen=True):
    """`blind` is how a write without a WHERE reached rows of others, None where it did not or nothing is known."""

    reach: Reach
    error: ServerError | None = None
    seen: Try | None = None
    blind: Try | None = None


class Attempt(Struct, frozen=True):
    """Whether a persona got at the row of a user, and what the server said where it did not."""

    reached: bool | None
    why: str = ""


def reached(answer: Answer) -> bool | None:
    if answer.number is not None:
        return answer.number > 0
    if answer.error and answer.error.sqlstate.startswith("23"):
        return True
    return refused_by_policy(answer)


def refused_by_policy(answer: Answer) -> bool | None:
    error = answer.error
    return False if error and error.sqlstate == "42501" and "row-level security policy" in error.message else None


def is_error(answer: Answer) -> bool:
    """An error of the policies, not one that a trigger raises on purpose or that comes of what we put in."""
    error = answer.error
    return error is not None and error.sqlstate in ERRORS and refused_by_policy(answer) is None
