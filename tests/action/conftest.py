from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.runs import MERGED, NOTES, OPEN, Runner
from tests.fake_github import FakeGitHub, PullRequest, Repository
from tests.github.pull_requests import said_twice


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So that the environment is made once; the image brings it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A pull request that brings a table without row level security."""
    repository = Repository.create(tmp_path / "octo-org" / "shop", base=MERGED, change={NOTES: OPEN})
    with FakeGitHub(PullRequest(repository), page_size=100) as fake:
        yield fake
    assert fake.violations == []
    assert said_twice(fake) == []


@pytest.fixture
def runner(tmp_path: Path, github: FakeGitHub) -> Runner:
    return Runner(tmp_path / "runner", github)
