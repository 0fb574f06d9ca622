"""The five example projects, each as a repository with a proposed change, and the review that we expect.

Notes are left out: advice about style, which the pages' own examples hold to the line.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from examples.build import build, names
from pgassay.model import Severity
from pgassay.pipeline import review
from pgassay.project import Request, open_project
from pgassay.replay.bench import Bench
from tests.benches import borrowed

EXAMPLES = Path("examples")


@pytest.mark.parametrize("name", names())
def test_review(name: str, tmp_path: Path, bench: Bench) -> None:
    expected = tomllib.loads((EXAMPLES / name / "expected.toml").read_text(encoding="utf-8"))["findings"]
    with open_project(Request(build(name, tmp_path / name))) as project:
        report = review(project, borrowed(bench))
    told = (each for each in report.findings if each.severity is not Severity.NOTE)
    found = {(each.location.path, each.location.start_line, each.rule) for each in told}
    allowed = {(each.location.path, each.location.start_line, each.rule) for each in report.allowed}
    assert found == {(each["path"], each["line"], each["rule"]) for each in expected if not each.get("allowed")}
    assert allowed == {(each["path"], each["line"], each["rule"]) for each in expected if each.get("allowed")}
    assert not report.incomplete
    assert report.migrations.base_failed == 0


@pytest.mark.parametrize("name", names())
def test_merged_files_are_clean_by_themselves(name: str, tmp_path: Path, bench: Bench) -> None:
    """The base of an example applies to an empty server, file by file."""
    folder = build(name, tmp_path / name)
    with open_project(Request(folder)) as project:
        base = project.history.base
        report = review(project, borrowed(bench))
    assert len(base) >= 3
    assert report.migrations.base == len(base)
    assert not any("merged files do not apply" in entry.what for entry in report.unchecked)
