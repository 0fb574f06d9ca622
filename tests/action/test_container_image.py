"""The image, run as GitHub runs it, with nothing but the fake GitHub in reach. `make image` builds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.container_run import Started, run, started
from tests.action.runs import CLEAN, MERGED, NOTES, OPEN
from tests.action.sealed import docker
from tests.fake_github import FakeGitHub, PullRequest, Repository

VARIABLE = "PGASSAY_IMAGE"
IMAGE = os.environ.get(VARIABLE, "pgassay:dev")

SLOW = f"{OPEN}select pg_sleep(3);\n"
NOSY = f"""{OPEN}
create table loot (line text);
copy loot from program 'env; cat /proc/*/environ';
copy loot from '/proc/self/environ';
insert into loot select pg_read_file('/proc/1/environ');
insert into loot select current_setting(name) from pg_settings;
do $$
begin
  raise exception '%', (select string_agg(line, ' ') from loot);
end
$$;
"""


def why_not() -> str | None:
    if not shutil.which("docker"):
        return "no docker command on this machine"
    asked = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, text=True, check=False)
    if asked.returncode:
        return f"{asked.stderr.strip()}: `make image` builds it where a Docker daemon answers"
    return None


@pytest.fixture(autouse=True, scope="module")
def _image() -> None:
    if reason := why_not():
        if VARIABLE in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def github(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[FakeGitHub]:
    """The parameter is what the pull request brings. As a GitHub Enterprise Server, whose addresses have a prefix."""
    repository = Repository.create(tmp_path / "shop", base=MERGED, change=request.param)
    with FakeGitHub(PullRequest(repository), prefix="/api/v3", page_size=100) as fake:
        yield fake
    assert fake.violations == []


@pytest.mark.parametrize("github", [{NOTES: OPEN}], indirect=True)
def test_findings_block(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path)
    assert ran.code == 1, ran.log
    assert [comment.path for comment in github.pull.review_comments] == [NOTES]
    assert "row level security" in github.pull.review_comments[0].body
    assert [review.commit for review in github.pull.reviews] == [github.pull.head_sha]
    assert len(github.pull.issue_comments) == 1
    assert len(github.writes) <= 3
    assert ran.outputs["verdict"] == "block"
    assert ran.outputs["errors"] == "1"
    assert "missing_rls" in ran.summary
    assert any(command.startswith(f"::error file={NOTES},line=1") for command in ran.commands)
    assert ran.report["server"]["version"].startswith("17.")
    assert ran.report["unchecked"] == []


@pytest.mark.parametrize("github", [{NOTES: CLEAN}], indirect=True)
def test_a_clean_change_passes(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path)
    assert ran.code == 0, ran.log
    assert ran.outputs["verdict"] == "pass"
    assert ran.outputs["incomplete"] == "false"
    assert github.pull.review_comments == []
    assert ran.report["migrations"]["applied"] == 1


@pytest.mark.parametrize("github", [{"README.md": "# A better shop\n"}], indirect=True)
def test_a_change_without_migrations_passes_in_silence(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path)
    assert ran.code == 0, ran.log
    assert github.writes == []
    assert ran.outputs["verdict"] == "pass"


@pytest.mark.parametrize("github", [{NOTES: OPEN}], indirect=True)
def test_it_may_be_told_to_write_nothing(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path, post="false")
    assert ran.code == 1, ran.log
    assert github.received == []
    assert "missing_rls" in ran.summary


@pytest.mark.parametrize("github", [{NOTES: NOSY}], indirect=True)
def test_the_token_is_nowhere_that_sql_could_read_or_a_reader_see(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path)
    assert ran.code == 1, ran.log
    said = [ran.log, ran.summary, *ran.outputs.values(), str(ran.report), *(str(each.body) for each in github.writes)]
    assert github.token not in "\n".join(said)
    assert "GITHUB_" not in str(ran.report)
    written = [path for path in (tmp_path / "_temp").rglob("*") if path.is_file()]
    assert not any(github.token in path.read_text("utf-8", "replace") for path in written)


@pytest.mark.parametrize("github", [{NOTES: SLOW}], indirect=True)
def test_the_server_is_nobody_and_listens_nowhere(github: FakeGitHub, tmp_path: Path) -> None:
    """Asked while a migration runs."""
    with started(IMAGE, github, tmp_path) as action:
        owners = _owners_of_the_server(action)
        listening = docker("exec", action.name, "cat", "/proc/net/tcp", "/proc/net/tcp6")
        assert action.wait().code == 1
    assert len(owners) == 1
    assert min(owners) >= 61184
    sockets = [line.split() for line in listening.splitlines()]
    assert {int(words[1].rpartition(":")[2], 16) for words in sockets if words[3] == "0A"} == {github.port}


@pytest.mark.parametrize("github", [{NOTES: OPEN}], indirect=True)
def test_nothing_stays_that_the_runner_could_not_remove(github: FakeGitHub, tmp_path: Path) -> None:
    ran = run(IMAGE, github, tmp_path)
    ours = ran.workspace.stat().st_uid
    left = [path for top in (tmp_path / "_temp", ran.workspace) for path in top.rglob("*")]
    assert [path for path in left if path.lstat().st_uid != ours] == []


def _owners_of_the_server(action: Started) -> set[int]:
    script = "for p in /proc/[0-9]*; do echo $(stat -c %u $p) $(cat $p/comm); done"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        asked = subprocess.run(
            ["docker", "exec", action.name, "sh", "-c", script], capture_output=True, text=True, check=False
        )
        owners = [int(line.split()[0]) for line in asked.stdout.splitlines() if line.endswith(" postgres")]
        # Those of the background, and at least one that works for us.
        if len(owners) > 4:
            return set(owners)
        time.sleep(0.05)
    raise AssertionError("no server was seen")
