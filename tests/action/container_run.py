"""Runs the image as GitHub's runner does: folders, variables and options of actions/runner's ContainerActionHandler.

The docker socket, which the runner mounts, is left out, and so is the network: the action needs neither.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.action.runs import Ran, Runner, read_outputs
from tests.action.sealed import Sealed, docker
from tests.fake_github import FakeGitHub

OWNER = (1001, 121)
"""Whom the checkout belongs to on GitHub's machines."""

_SERVER = "/git"
_ORIGIN = f"{_SERVER}/octo-org/shop"
_INPUTS: Mapping[str, Any] = yaml.safe_load(Path("action.yml").read_text("utf-8"))["inputs"]


class Started:
    """An action under way in the container called `name`. `seconds` is how long it took, once `wait` has returned."""

    seconds: float

    def __init__(self, name: str, temp: Path, workspace: Path) -> None:
        self.name = name
        self.since = time.perf_counter()
        self._temp = temp
        self._workspace = workspace
        self._process = subprocess.Popen(
            ["docker", "start", "--attach", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> Ran:
        log, _ = self._process.communicate(timeout=120)
        self.seconds = time.perf_counter() - self.since
        code = int(docker("inspect", "--format", "{{.State.ExitCode}}", self.name))
        commands = self._temp / "_runner_file_commands"
        summary = (commands / "step_summary").read_text("utf-8")
        return Ran(code, log, read_outputs(commands / "set_output"), summary, self._workspace)

    def close(self) -> None:
        """Its container is gone."""
        self._process.communicate()


def run(image: str, github: FakeGitHub, folder: Path, **inputs: str) -> Ran:
    with started(image, github, folder, **inputs) as action:
        return action.wait()


@contextmanager
def started(
    image: str, github: FakeGitHub, folder: Path, options: Sequence[str] = (), **inputs: str
) -> Iterator[Started]:
    """On a pull request whose merge is checked out below `folder`, one commit deep. `inputs` have `_` for `-`.

    `options` are more of docker's.
    """
    temp, workspace = folder / "_temp", folder / "workspace"
    for name in ("_github_home", "_github_workflow", "_runner_file_commands"):
        (temp / name).mkdir(parents=True)
    for name in ("set_output", "step_summary"):
        (temp / "_runner_file_commands" / name).touch()
    event = json.dumps(github.event("pull_request_synchronize"))
    (temp / "_github_workflow" / "event.json").write_text(event, "utf-8")
    workspace.mkdir()
    runner = Runner(folder, github)
    merge = runner.merge()
    runner.check_out(workspace, merge, 1, runner.repository)
    origin = folder / "origin"
    shutil.copytree(runner.repository.folder, origin)
    subprocess.run(["git", "-C", str(workspace), "remote", "set-url", "origin", f"file://{_ORIGIN}"], check=True)
    variables = folder / "env"
    variables.write_text("".join(f"{name}={value}\n" for name, value in _variables(github, merge, inputs).items()))
    if os.geteuid() == 0:
        for top in (temp, workspace, origin):
            for path in (top, *top.rglob("*")):
                os.chown(path, *OWNER, follow_symlinks=False)
    mounts = {
        temp: "/github/runner_temp",
        temp / "_github_home": "/github/home",
        temp / "_github_workflow": "/github/workflow",
        temp / "_runner_file_commands": "/github/file_commands",
        workspace: "/github/workspace",
        origin: f"{_ORIGIN}:ro",
    }
    volumes = [word for path, inside in mounts.items() for word in ("--volume", f"{path}:{inside}")]
    with Sealed(image, github.port) as network:
        usual = ["--network", f"container:{network.name}", "--workdir", "/github/workspace"]
        name = docker("create", *usual, "--env-file", str(variables), *options, *volumes, image).strip()
        action = None
        try:
            action = Started(name, temp, workspace)
            yield action
        finally:
            docker("rm", "--force", name)
            if action:
                action.close()


def _variables(github: FakeGitHub, merge: str, inputs: Mapping[str, str]) -> dict[str, str]:
    """An input that the workflow leaves out arrives with its default from action.yml."""
    given = {name: str(about["default"]) for name, about in _INPUTS.items()}
    given |= {"github-token": github.token, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    pull = github.pull
    return {
        **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        "HOME": "/github/home",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_API_URL": github.url,
        "GITHUB_BASE_REF": pull.base_branch,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": "/github/workflow/event.json",
        "GITHUB_HEAD_REF": pull.head_branch,
        "GITHUB_OUTPUT": "/github/file_commands/set_output",
        "GITHUB_REF": f"refs/pull/{pull.number}/merge",
        "GITHUB_REF_NAME": f"{pull.number}/merge",
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_REPOSITORY_OWNER": github.repository.split("/")[0],
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "4711",
        "GITHUB_RUN_NUMBER": "7",
        "GITHUB_SERVER_URL": f"file://{_SERVER}",
        "GITHUB_SHA": merge,
        "GITHUB_STEP_SUMMARY": "/github/file_commands/step_summary",
        "GITHUB_WORKFLOW": "review",
        "GITHUB_WORKSPACE": "/github/workspace",
        "RUNNER_ARCH": "X64",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": "/github/runner_temp",
    }
