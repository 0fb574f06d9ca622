"""From an event to a review: the order of things in one run."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping

from msgspec.structs import replace

from pgassay.action.inputs import Inputs, read_inputs, take_token
from pgassay.action.runner import Runner, runner_of
from pgassay.action.taken_back import take_back
from pgassay.action.workspace import Origin, Workspace, open_workspace
from pgassay.errors import NoMigrations, PgassayError, Unconfined, UsageError
from pgassay.github.annotations import annotate, failure, notice, quoted, warning
from pgassay.github.client import GitHub
from pgassay.github.event import Event, Posting, read_event
from pgassay.github.model import ChangedFiles, Options
from pgassay.github.outputs import output_lines, outputs
from pgassay.github.publish import publish
from pgassay.github.summary import could_not_check, has_something_to_say, job_summary
from pgassay.github.trouble import not_posted
from pgassay.history import Base
from pgassay.model import Counts, Report, Unchecked, Verdict
from pgassay.project import Request
from pgassay.render import render

Log = Callable[[str], None]


def act(environment: MutableMapping[str, str], log: Log) -> int:
    """The exit code: what the findings say, whatever becomes of posting them.

    `environment` is that of this process: the token is taken out of it. `log` gets whole lines for the step's log.
    """
    token = take_token(environment)
    try:
        runner, inputs = runner_of(environment), read_inputs(environment)
    except PgassayError as error:
        log(failure(str(error)))
        return error.exit_code
    try:
        return _act(runner, inputs, token, environment, log)
    except PgassayError as error:
        _say_why_not(runner, str(error), log)
        take_back(runner, inputs, token, environment, str(error))
        return error.exit_code
    except Exception as error:
        why = f"a fault of ours ({type(error).__name__}); the log of this step has a line to report"
        _say_why_not(runner, why, log)
        take_back(runner, inputs, token, environment, why)
        raise


def _act(runner: Runner, inputs: Inputs, token: str, environment: MutableMapping[str, str], log: Log) -> int:
    event = read_event(environment, runner.payload(), author=inputs.author, execute_untrusted=inputs.execute_untrusted)
    github = GitHub(token, runner.repository, api_url=runner.api_url)
    if not event.reviews:
        from pgassay.action.post import post_report

        return post_report(event, runner, inputs, github, log)
    if inputs.report:
        raise UsageError(f"report: only a run on workflow_run posts a report, and this one is on {event.name}.")
    if inputs.post and event.posting is not Posting.NO:
        github.get_ready()
    origin = Origin(runner.server_url, runner.repository, token)
    workspace = open_workspace(runner.workspace, inputs.path, event, origin, environment)
    report = replace(_reviewed(workspace, event), commit=event.head)
    _show(report, runner, inputs, log)
    _post(report, event, inputs, workspace, github, log)
    return report.exit_code


def _reviewed(workspace: Workspace, event: Event) -> Report:
    from pgassay import pipeline

    base = workspace.base
    if base:
        request = Request(workspace.root, base.label, base_commit=base.commit)
    else:
        # A branch that is compared with nothing is its own policy.
        request = Request(workspace.root, everything=True, base_commit=workspace.head)
    try:
        if not event.executes:
            return _only_read(request, event.why_not_executing or "")
        return pipeline.check(request, untrusted=event.is_from_fork)
    except NoMigrations:
        if workspace.brings_sql():
            raise
        return _nothing(base)
    except Unconfined as unconfined:
        return _only_read(request, f"they come from a fork, and {unconfined}")


def _nothing(base: Base | None) -> Report:
    return Report(
        stage="check",
        verdict=Verdict.PASS,
        findings=(),
        allowed=(),
        unchecked=(),
        schema_change=(),
        migrations=Counts(),
        server=None,
        seconds={},
        sources={},
        base_ref=base.label if base else None,
    )


def _only_read(request: Request, why: str) -> Report:
    """Nobody may take that for a check, unless there was nothing to run."""
    from pgassay import pipeline

    report = pipeline.lint(request)
    if not report.migrations.proposed:
        return report
    note = Unchecked("what these migrations do", why, essential=True)
    return replace(report, unchecked=(note, *report.unchecked))


def _show(report: Report, runner: Runner, inputs: Inputs, log: Log) -> None:
    """Everything that does not depend on GitHub answering."""
    log(quoted(render(report, "text", colour=True)))
    for line in annotate(report):
        log(line)
    name = "pgassay-report.json" if inputs.id == Inputs().id else f"pgassay-report-{inputs.id}.json"
    try:
        where = runner.write_report(name, render(report, "json"))
    except OSError as error:
        log(warning(f"{name} could not be written: {error.strerror}"))
        where = ""
    runner.set_outputs(output_lines(outputs(report, where)))
    runner.add_to_summary(job_summary(report))


def _post(report: Report, event: Event, inputs: Inputs, workspace: Workspace, github: GitHub, log: Log) -> None:
    if not inputs.post:
        return
    if event.posting is Posting.NO or event.pull_request is None:
        log(quoted(f"nothing is posted: {event.why_not_posting}"))
        return

    def with_patches(changed: ChangedFiles) -> ChangedFiles:
        return workspace.with_patches(changed, event.head)

    options = Options(event.head, event.author, inputs.id, inputs.inline)
    published = publish(report, event.pull_request, options, github, with_patches=with_patches)
    for sentence in published.plan.left_out:
        log(quoted(sentence))
    if published.degraded and has_something_to_say(report):
        # Findings are on the page of the job and in the annotations all the same.
        say = notice if event.posting is Posting.TRY else warning
        log(say(not_posted(published.degraded, event.why_not_posting, is_from_fork=event.is_from_fork)))


def _say_why_not(runner: Runner, why: str, log: Log) -> None:
    log(failure(why))
    runner.set_outputs(output_lines({"incomplete": "true"}))
    runner.add_to_summary(could_not_check(why))
