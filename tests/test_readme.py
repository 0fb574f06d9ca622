"""The picture in the README is what pgassay prints today."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from examples.build import build
from pgassay.pipeline import review
from pgassay.project import Request, open_project
from pgassay.render import render
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from tests.benches import borrowed
from tests.figures import same_everywhere

README = Path("README.md")
BLOCK = re.compile(r"(?<=<!-- demo -->\n```text\n).*?(?=```\n<!-- /demo -->)", re.S)


def test_picture(tmp_path: Path, bench: Bench) -> None:
    """PGASSAY_WRITE_README=1 draws it again."""
    with open_project(Request(build("time_tracking", tmp_path / "demo"))) as project:
        printed = _without_figures(render(review(project, borrowed(bench)), "text"))
    readme = README.read_text(encoding="utf-8")
    if os.environ.get("PGASSAY_WRITE_README"):
        README.write_text(BLOCK.sub(lambda _: printed, readme), encoding="utf-8")
    shown = BLOCK.search(README.read_text(encoding="utf-8"))
    assert shown
    assert shown[0] == printed, "run: PGASSAY_WRITE_README=1 pytest tests/test_readme.py"


def _without_figures(text: str) -> str:
    """The server's version and the seconds are those of this machine."""
    text = same_everywhere(text)
    return re.sub(r"PostgreSQL \d+\.\d+ \((\w+)\) in [\d.]+ s", r"PostgreSQL 17.6 (\1) in 0.9 s", text)


def test_the_table_of_settings_has_every_key() -> None:
    """A group's keys are written as in the file, `[naming] migration`; more of them may follow in the same cell."""
    section = README.read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", section, re.M)
    rows = [re.findall("`([^`]+)`", cell) for cell in cells]
    shown = [name if n == 0 else f"{row[0].split()[0]} {name}" for row in rows for n, name in enumerate(row)]
    assert sorted(shown) == sorted(_keys(Settings)), "the table and settings.py differ"


def _workflows() -> list[str]:
    section = README.read_text(encoding="utf-8").partition("\n## On pull requests\n")[2].partition("\n## ")[0]
    return re.findall(r"^```yaml\n(.*?)^```", section, re.M | re.S)


def test_runs_that_are_not_about_one_pull_request_do_not_cancel_each_other() -> None:
    """A merge group and a push have no number: without the branch they would all be in one group."""
    for text in (_workflows()[0], Path(".github/workflows/review.yml").read_text(encoding="utf-8")):
        group: str = yaml.safe_load(text)["concurrency"]["group"]
        assert group.endswith("-${{ github.event.pull_request.number || github.ref }}")


def test_the_second_workflow_is_for_forks_and_needs_no_artifact() -> None:
    upload, text = (each for each in _workflows()[1:] if "artifact" in each)
    assert "steps.pgassay.outputs.report" in upload
    job = yaml.safe_load(text)["jobs"]["post"]
    assert "head_repository.full_name != github.repository" in job["if"]
    assert "conclusion != 'cancelled'" in job["if"]
    download, posting = job["steps"]
    assert download["continue-on-error"] is True
    assert posting["if"] == f"steps.{download['id']}.outcome == 'success'"


def _keys(of: type[Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(of):
        if field.name == "source":
            continue
        if isinstance(field.type, type) and issubclass(field.type, Struct):
            yield from (f"[{field.name}] {inner.name}" for inner in msgspec.structs.fields(field.type))
        elif field.name == "rules":
            yield "[rules]"
        elif field.name in ("allow", "expect", "persona"):
            yield f"[[{field.name}]]"
        else:
            yield field.name
