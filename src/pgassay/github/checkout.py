"""What to compare what is checked out with, and which commits to fetch for that. Pure.

`actions/checkout` leaves one commit without its history: for a pull request GitHub's merge of head and base. Its
parents are named in the commit itself, although git does not follow them there.
"""

from __future__ import annotations

import re

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.github.event import Event

BASE = "refs/pgassay/base"
"""Where the base branch is put. No fork and no tag can be called that."""

_PARENT = re.compile(r"^parent ([0-9a-f]{40}|[0-9a-f]{64})$", re.MULTILINE)


class Checkout(Struct, frozen=True):
    """`head` is what HEAD names, `parents` its parents, first the branch that was merged into."""

    head: str
    parents: tuple[str, ...]
    shallow: bool


class Fetch(Struct, frozen=True):
    """`git fetch` from the repository of the event, which `origin` need not be."""

    refs: tuple[str, ...]
    how: tuple[str, ...] = ()


class Comparison(Struct, frozen=True):
    """What counts as merged.

    Either `base`, a commit to be taken as it is; or the merge base of HEAD and `merge_base_with`, a ref or commit that
    `fetch` brings. Neither means that everything is proposed.
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
        return Comparison(event.base, fetch=Fetch((event.base,), ("--depth=1",)) if checkout.shallow else None)
    if event.forced_from:
        return _merge_base(event.forced_from, (event.forced_from,), checkout)
    return _branch(event, checkout)


def _pull_request(event: Event, checkout: Checkout) -> Comparison:
    is_merge = len(checkout.parents) == 2 and checkout.parents[1] == event.head
    if is_merge and checkout.head == event.merge:
        # Two commits deep, git knows the parents of HEAD and thereby the merge base.
        fetch = Fetch((checkout.head,), ("--depth=2",)) if checkout.shallow else None
        return Comparison(checkout.parents[0], fetch=fetch)
    if is_merge or checkout.head == event.head:
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


def _branch(event: Event, checkout: Checkout) -> Comparison:
    """Whatever else is called like the branch here, a tag or a branch of a fork, is not asked."""
    if event.base_branch is None:
        return Comparison()
    return _merge_base(BASE, (f"+refs/heads/{event.base_branch}:{BASE}",), checkout)


def _merge_base(ref: str, refs: tuple[str, ...], checkout: Checkout) -> Comparison:
    """Where two lines part, only their histories tell."""
    how = ("--unshallow",) if checkout.shallow else ()
    return Comparison(merge_base_with=ref, fetch=Fetch((*refs, checkout.head) if how else refs, how))
