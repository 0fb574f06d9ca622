"""Post on a pull request what a run without rights to write has found (workflow_run)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from pgassay.action.inputs import Inputs
from pgassay.action.received import read_file, read_report
from pgassay.action.runner import Runner
from pgassay.errors import CannotCheck, UsageError
from pgassay.github.annotations import quoted
from pgassay.github.client import GitHub
from pgassay.github.event import Event, Posting, pull_request_of
from pgassay.github.model import Options
from pgassay.github.publish import publish
from pgassay.github.trouble import GitHubError


def post_report(event: Event, runner: Runner, inputs: Inputs, github: GitHub, log: Callable[[str], None]) -> int:
    """Raises UsageError, and CannotCheck when something is not on the pull request afterwards."""
    if not inputs.report:
        raise UsageError("report: on workflow_run, name the file that the other run's artifact brought.")
    if event.posting is Posting.NO:
        log(quoted(f"nothing is posted: {event.why_not_posting}"))
        return 0
    from pgassay.catalogue.load import builtin_rules

    file = runner.workspace / inputs.report
    report = read_report(read_file(file), {rule.id: rule.url for rule in builtin_rules()})
    if report.commit != event.head:
        raise UsageError(
            f"{file.name} is not about {event.head[:7]}, which the other run was for; post the report of that run."
        )
    if event.head_repository is None or event.head_branch is None:
        log(quoted("nothing is posted: the fork that the other run was for is gone"))
        return 0
    try:
        candidates = github.pull_requests_from(event.head_repository, event.head_branch)
    except GitHubError as error:
        raise CannotCheck(f"nothing is posted: {error}") from None
    try:
        found = pull_request_of(event, candidates)
    except UsageError as reason:
        log(quoted(str(reason)))
        return 0
    # What a stranger's run wrote is quoted; a button that commits it is something else.
    options = Options(event.head, event.author, inputs.id, inputs.inline, suggestions=False)
    published = publish(replace(report, commit=event.head), found.number, options, github)
    for sentence in published.plan.left_out:
        log(quoted(sentence))
    if published.degraded:
        raise CannotCheck(f"not everything is on pull request #{found.number}: {published.degraded}")
    return 0
