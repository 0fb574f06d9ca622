"""What to compare what is checked out with, and which commits to fetch for that. Pure.

`actions/checkout` leaves one commit without its history: for a pull request GitHub's merge of head and base. Its
parents are named in the commit itself, although git does not follow them there.
"""

from __future__ import annotations

import re

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.github.event import Event

_PARENT = re.compile(r"^parent ([0-9a-f]{40}|[0-9a-f]{64})$", re.MULTILINE)


class Checkout(Struct, frozen=True):
    """`head` is what HEAD names, `parents` its parents, first the branch that was merged into."""

    head: str
    parents: tuple[str, ...]
    shallow: bool


class Fetch(Struct, frozen=True):
    """`git fetch` from origin: so many commits deep, or with the whole history where `depth` is None."""

    refs: tuple[str, ...]
    depth: int | None


class Comparison(Struct, frozen=True):
    """What counts as merged.

    Either `base`, a commit that is an ancestor of HEAD, to be taken as it is; or the merge base of HEAD and the branch
    `merge_base_with`. Neither means that git has to find the default branch. `fetch` comes first.
    """

    base: str | None = None
    merge_base_with: str | None = None
    fetch: Fetch | None = None


def parents(commit: str) -> tuple[str, ...]:
    """From what `git cat-file -p HEAD` prints."""
    return tuple(_PARENT.findall(commit.partition("\n\n")[0]))


def comparison(event: Event, checkout: Checkout) -> Comparison:
    """Raises UsageError when something else is checked out than what the event is about."""
    if event.pull_request is not None:
        return _pull_request(event, checkout)
    if checkout.head != event.head:
        raise UsageError(
            f"{checkout.head[:7]} is checked out, and the event is about {event.head[:7]}; "
            "leave out `ref` of actions/checkout."
        )
    if event.base:
        return Comparison(event.base, fetch=_one_commit(event.base, checkout))
    return _branch(event, checkout)


def _pull_request(event: Event, checkout: Checkout) -> Comparison:
    is_merge = len(checkout.parents) == 2 and checkout.parents[1] == event.head
    if is_merge:
        # Two commits deep, git knows the parents of HEAD and thereby the merge base.
        return Comparison(checkout.parents[0], fetch=Fetch((checkout.head,), 2) if checkout.shallow else None)
    if checkout.head == event.head:
        return _branch(event, checkout)
    number = event.pull_request
    if event.name == "pull_request_target":
        advice = (
            "this event checks out the base branch, so nothing of the pull request would be reviewed; "
            "use the event pull_request"
        )
    else:
        advice = "leave out `ref` of actions/checkout, or re-run the newest run of this pull request"
    raise UsageError(
        f"{checkout.head[:7]} is checked out, which is neither the head of pull request #{number} "
        f"({event.head[:7]}) nor its merge; {advice}."
    )


def _one_commit(commit: str, checkout: Checkout) -> Fetch | None:
    return Fetch((commit,), 1) if checkout.shallow else None


def _branch(event: Event, checkout: Checkout) -> Comparison:
    branch = event.base_branch
    if branch is None or not checkout.shallow:
        return Comparison(merge_base_with=branch)
    # Where two branches part, only their histories tell.
    refs = (f"+refs/heads/{branch}:refs/remotes/origin/{branch}", checkout.head)
    return Comparison(merge_base_with=branch, fetch=Fetch(refs, None))
