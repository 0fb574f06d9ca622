"""What a runner prepares for a step, on a folder of its own, with the fake GitHub at the other end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from pgassay.action.run import act
from tests.fake_github import FakeGitHub, Repository
from tests.fake_github.events import example

FOLDER = "supabase/migrations"
USERS = f"{FOLDER}/20260101000000_users.sql"
NOTES = f"{FOLDER}/20260102000000_notes.sql"
CLEAN = """\
create table notes (
  id bigint primary key generated always as identity,
  owner_id uuid not null default auth.uid(),
  body text
);
alter table notes enable row level security;
create index on notes (owner_id);
create policy notes_read on notes for select to authenticated using (owner_id = (select auth.uid()));
"""
OPEN = """\
create table notes (
  id bigint primary key generated always as identity,
  body text
);
"""
MERGED = {
    USERS: "create table users (id uuid primary key);\nalter table users enable row level security;\n"
    "create policy users_read on users for select to authenticated using (id = (select auth.uid()));\n",
    "README.md": "# Shop\n",
}


class Ran(Struct, frozen=True):
    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    workspace: Path

    @property
    def commands(self) -> list[str]:
        """Lines of the log that the runner acts on, the quoted parts left out."""
        found: list[str] = []
        deaf: str | None = None
        for line in self.log.splitlines():
            if deaf:
                deaf = None if line == f"::{deaf}::" else deaf
            elif line.startswith("::stop-commands::"):
                deaf = line.removeprefix("::stop-commands::")
            elif line.startswith("::"):
                found.append(line)
        return found

    @property
    def report(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.workspace / self.outputs["report"]).read_text("utf-8"))
        return read


class Runner:
    """Checks out as actions/checkout does (one commit, unless told otherwise) and runs the action on it."""

    def __init__(self, folder: Path, github: FakeGitHub) -> None:
        self._folder = folder
        self._github = github
        self._runs = 0

    @property
    def repository(self) -> Repository:
        return self._github.pull.repository

    def on_pull_request(self, name: str = "pull_request", **how: Any) -> Ran:
        """With GitHub's merge of head and base checked out."""
        return self.run(name, self._github.event("pull_request_synchronize"), commit=self.merge(), **how)

    def merge(self) -> str:
        """GitHub's merge commit: its parents are the base branch and the head, in this order."""
        pull, git = self._github.pull, self.repository.git
        git("checkout", "--quiet", "--detach", pull.base_branch)
        git("merge", "--quiet", "--no-ff", "--message", "merge", pull.head_branch)
        commit = git("rev-parse", "HEAD").strip()
        git("update-ref", "refs/pull/1/merge", commit)
        git("checkout", "--quiet", pull.head_branch)
        return commit

    def run(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        commit: str | None,
        depth: int | None = 1,
        files: Mapping[str, str] = {},
        environment: Mapping[str, str] = {},
        token: str | None = None,
        origin: Repository | None = None,
        **inputs: str,
    ) -> Ran:
        """`commit` None is a workflow without actions/checkout; `files` are put into the workspace.

        `origin` is a fork that the workflow checks out.
        """
        self._runs += 1
        at = self._folder / f"run{self._runs}"
        workspace = at / "workspace"
        workspace.mkdir(parents=True)
        if commit:
            self.check_out(workspace, commit, depth, origin or self.repository)
        for path, text in files.items():
            (workspace / path).write_text(text, "utf-8")
        (at / "event.json").write_text(json.dumps(payload), "utf-8")
        (at / "output").touch()
        (at / "summary").touch()
        variables = {
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(at / "event.json"),
            "GITHUB_REPOSITORY": self._github.repository,
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_API_URL": self._github.url,
            "GITHUB_SERVER_URL": self.repository.folder.parents[1].as_uri(),
            "GITHUB_OUTPUT": str(at / "output"),
            "GITHUB_STEP_SUMMARY": str(at / "summary"),
            "GITHUB_SHA": commit or "",
            "GITHUB_ACTOR": "octocat",
            "INPUT_GITHUB-TOKEN": self._github.token if token is None else token,
            **{f"INPUT_{key.replace('_', '-').upper()}": value for key, value in inputs.items()},
            **environment,
        }
        lines: list[str] = []
        code = act(variables, lines.append)
        assert "INPUT_GITHUB-TOKEN" not in variables
        ran = Ran(code, "\n".join(lines), read_outputs(at / "output"), (at / "summary").read_text("utf-8"), workspace)
        assert self._github.token not in ran.log + ran.summary + (at / "output").read_text("utf-8")
        return ran

    def check_out(self, workspace: Path, commit: str, depth: int | None, origin: Repository) -> None:
        for repository in (self.repository, origin):
            repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
        work = Repository(workspace)
        work.git("init", "--quiet")
        work.git("remote", "add", "origin", origin.folder.as_uri())
        if depth is None:
            work.git("fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*")
        how = [] if depth is None else [f"--depth={depth}"]
        work.git("fetch", "--quiet", "--no-tags", *how, "origin", f"+{commit}:refs/remotes/pull/1/merge")
        work.git("checkout", "--quiet", "--detach", commit)


def workflow_run(github: FakeGitHub, *, event: str = "pull_request") -> dict[str, Any]:
    """The payload for the second workflow: that of the first one's end."""
    payload = example("workflow_run")
    pull = github.pull
    owner = pull.fork_owner or github.repository.partition("/")[0]
    name = github.repository.partition("/")[2]
    return payload | {
        "workflow_run": payload["workflow_run"]
        | {
            "event": event,
            "head_sha": pull.head_sha,
            "head_branch": pull.head_branch,
            "head_repository": {"full_name": f"{owner}/{name}"},
        }
    }


def read_outputs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
