"""Serve one pull request until the process is told to end; `--help` says how."""

from __future__ import annotations

import argparse
import json
import signal
from pathlib import Path
from typing import Any

import msgspec

from tests.fake_github import FakeGitHub, PullRequest, Repository


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_github", description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository with both branches")
    parser.add_argument("--base", default="main")
    parser.add_argument("--head", default="change")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--prefix", default="", help="/api/v3 for a GitHub Enterprise Server")
    parser.add_argument("--token", help="the one that is known; a random one otherwise")
    parser.add_argument("--record", type=Path, help="where to write, at the end, what was received and what is there")
    chosen = parser.parse_args()
    pull = PullRequest(Repository(chosen.repository))
    pull.base_branch, pull.head_branch = chosen.base, chosen.head
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with FakeGitHub(pull, prefix=chosen.prefix, port=chosen.port, page_size=100) as github:
        github.token = chosen.token or github.token
        print(json.dumps({"url": github.url, "token": github.token}), flush=True)
        signal.sigwait(signals)
    if chosen.record:
        chosen.record.write_text(json.dumps(record(github), indent=1), "utf-8")


def record(github: FakeGitHub) -> dict[str, Any]:
    """Everything that a test outside this process may want to know."""
    found = {
        "received": github.received,
        "violations": github.violations,
        "reviews": github.pull.reviews,
        "review_comments": github.pull.review_comments,
        "issue_comments": github.pull.issue_comments,
    }
    built: dict[str, Any] = msgspec.to_builtins(found)
    return built


if __name__ == "__main__":
    main()
