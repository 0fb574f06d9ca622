"""A pull request with one migration, what is found in it, and a run against the fake GitHub."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pgassay.github import markers
from pgassay.github.client import GitHub
from pgassay.github.model import Options
from pgassay.github.publish import Published, publish
from pgassay.model import Counts, Evidence, Finding, Location, Report, Severity, Verdict
from tests.fake_github import JOB_TOKEN, FakeGitHub, PullRequest, Repository
from tests.render.reports import report as plain_report

MIGRATION = "supabase/migrations/20260214093000_clients.sql"
SQL = """\
create table clients (
  id bigint primary key,
  user_id bigint not null references users (id) on delete cascade,
  name text
);

create table notes (
  id bigint primary key,
  client_id bigint references clients (id)
);
"""
MERGED = "supabase/migrations/20260101000000_users.sql"
USERS = "create table users (id bigint primary key);\n" + "".join(f"-- line {number}\n" for number in range(2, 31))


def seeded(folder: Path, **change: str | None) -> PullRequest:
    """`change` by file name in the folder of migrations; without one the migration above is what the change brings."""
    files: dict[str, str | None] = {f"supabase/migrations/{name}": text for name, text in change.items()}
    return PullRequest(Repository.create(folder, base={MERGED: USERS}, change=files or {MIGRATION: SQL}))


def finding(number: int, line: int = 3, **changes: Any) -> Finding:
    """The fingerprint is made of the number alone; the line is not part of it."""
    fields: dict[str, Any] = {
        "rule": "cascading_delete",
        "group": "cascade",
        "severity": Severity.ERROR,
        "evidence": Evidence.CATALOG,
        "location": Location(MIGRATION, line, line),
        "message": f"Deleting a row of `users` deletes rows of {number} tables.",
        "subject": f"constraint {number}",
        "fingerprint": f"{number:016x}",
    }
    return Finding(**fields | changes)


CASCADE = finding(1, line=3)
NO_INDEX = finding(2, line=9, rule="missing_index", severity=Severity.WARNING, message="`client_id` has no index.")
BOTH = (CASCADE, NO_INDEX)


def report(*findings: Finding, sql: str = SQL, **changes: object) -> Report:
    fields: dict[str, object] = {
        "findings": findings,
        "verdict": Verdict.BLOCK if findings else Verdict.PASS,
        "sources": {MIGRATION: sql},
        "migrations": Counts(base=1, proposed=1, applied=1),
    }
    return plain_report(**fields | changes)


class ScriptedClock:
    """No time passes but by sleeping, and that takes none. `meanwhile` is called once, during the next sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.meanwhile: Callable[[], object] | None = None

    def monotonic(self) -> float:
        return sum(self.slept)

    def time(self) -> float:
        return 1_767_225_600 + sum(self.slept)

    def sleep(self, seconds: float, /) -> None:
        self.slept.append(seconds)
        if self.meanwhile is not None:
            action, self.meanwhile = self.meanwhile, None
            action()


def client(github: FakeGitHub, clock: ScriptedClock | None = None, **changes: Any) -> GitHub:
    fields: dict[str, Any] = {"token": github.token, "repository": github.repository, "api_url": github.url}
    return GitHub(**fields | {"clock": clock or time} | changes)


def run(
    github: FakeGitHub,
    *findings: Finding,
    clock: ScriptedClock | None = None,
    reviewed: str | None = None,
    what: Report | None = None,
    timeout: int = 15,
    **changes: Any,
) -> Published:
    """What the action does once it has a report. `reviewed` is the commit that the report is about."""
    options = Options(head_sha=reviewed or github.pull.head_sha, author=JOB_TOKEN.login)
    using = client(github, clock or ScriptedClock(), timeout=timeout)
    return publish(what or report(*findings), github.pull.number, options, using, **changes)


def requests(github: FakeGitHub, since: int = 0) -> list[str]:
    """In order, without the pages of one list; `since` leaves out the first ones."""
    named = [f"{request.method} {request.path}" for request in github.received[since:] if "page" not in request.query]
    return [name.replace(f"/repos/{github.repository}/", "") for name in named]


def ours(github: FakeGitHub) -> list[str]:
    """What our comments are about, by their markers."""
    bodies = [entry.body for entry in github.pull.review_comments if entry.author == JOB_TOKEN]
    bodies += [entry.body for entry in github.pull.issue_comments if entry.author == JOB_TOKEN]
    return [_about(body) for body in bodies]


def _about(body: str) -> str:
    marker = markers.read(body)
    assert marker, body
    return f"{marker.fingerprint} {marker.state}" if isinstance(marker, markers.FindingMarker) else "summary"


def said_twice(github: FakeGitHub) -> list[str]:
    """A comment that says that its finding is gone or elsewhere says nothing of it."""
    said = (name for name in ours(github) if not name.endswith((markers.FIXED, markers.MOVED)))
    return [about for about, number in Counter(said).items() if number > 1]
