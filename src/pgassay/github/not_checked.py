"""What an earlier summary says once a later commit could not be checked: an old verdict is not for that one."""

from __future__ import annotations

from pgassay.github import markers
from pgassay.github.client import GitHub
from pgassay.github.markers import SummaryMarker
from pgassay.github.model import EditSummary, Options
from pgassay.github.ours import Ours
from pgassay.github.summary import could_not_check
from pgassay.render.escape import code
from pgassay.render.words import short_ref

SECONDS = 20.0


def say_not_checked(number: int, options: Options, why: str, github: GitHub) -> bool:
    """Edits the summary that is there, if it is ours and the head is still the one that could not be checked.

    Nothing is created. Whether something was written. Raises GitHubError.
    """
    github.allow(SECONDS)
    found = github.pull_request(number)
    if not found.is_open or found.head_sha != options.head_sha:
        return False
    ours = Ours.among(github.comments(number), options)
    if ours.summary is None:
        return False
    comment, marker = ours.summary
    text = f"{could_not_check(why)}\ncommit {code(short_ref(options.head_sha))}\n"
    digest = markers.digest(text)
    if marker.text == digest:
        return False
    # Its head stays the one that was reviewed last: what is gone later was mended after that one.
    body = f"{markers.written(SummaryMarker(marker.id, marker.head, digest))}\n{text}"
    github.send(number, EditSummary(comment.id, body))
    return True
