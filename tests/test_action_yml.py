"""action.yml, the README and what the code reads and writes name the same inputs and outputs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from image.release import PUBLISHED, problem, released, version
from pgassay.action.inputs import Inputs, names, read_inputs
from pgassay.github.outputs import outputs
from tests.render.reports import BLOCKED

TEXT = Path("action.yml").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
README = Path("README.md").read_text("utf-8")

_ROW = re.compile(r"^\| `([\w-]+)` \|(?: (?:`([^`]*)`)? \|)?", re.MULTILINE)


def _table(heading: str) -> list[tuple[str, str]]:
    """First and second cell of each row of the first table after a line that begins with `heading`."""
    after = README.split(f"\n{heading}", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert table
    return [(match[1], match[2] or "") for match in _ROW.finditer(table[0])]


def test_the_readme_has_every_input_with_its_default() -> None:
    assert _table("| input |") == [(name, about["default"]) for name, about in ACTION["inputs"].items()]


def test_the_code_reads_every_input_and_agrees_about_what_it_is_by_default() -> None:
    assert list(names()) == list(ACTION["inputs"])
    given = {f"INPUT_{name.upper()}": about["default"] for name, about in ACTION["inputs"].items()}
    assert read_inputs(given) == Inputs()


def test_the_readme_has_every_output() -> None:
    assert [name for name, _ in _table("| output |")] == list(ACTION["outputs"])


def test_every_output_is_written() -> None:
    assert list(outputs(BLOCKED, "report.json")) == list(ACTION["outputs"])


def test_every_default_is_text_as_the_runner_passes_it() -> None:
    assert all(isinstance(about["default"], str) for about in ACTION["inputs"].values())


def test_main_builds_the_image_and_a_release_names_a_published_one() -> None:
    assert ACTION["runs"]["using"] == "docker"
    assert ACTION["runs"]["image"] in ("Dockerfile", f"{PUBLISHED}:{version()}")
    release = released(TEXT, "1.2.3")
    assert yaml.safe_load(release)["runs"] == {"using": "docker", "image": f"{PUBLISHED}:1.2.3"}
    assert released(release, "1.2.4") == released(TEXT, "1.2.4")


@pytest.mark.parametrize(
    ("tag", "action", "version", "why"),
    [
        ("v1.2.3", released(TEXT, "1.2.3"), "1.2.3", None),
        ("v1.2.4", released(TEXT, "1.2.3"), "1.2.3", "the tag is v1.2.4"),
        ("v1.2.3", released(TEXT, "1.2.3").replace(f"{PUBLISHED}:1.2.3", "Dockerfile"), "1.2.3", "make release-action"),
        ("v1.2.3", released(TEXT, "1.2.2"), "1.2.3", "make release-action"),
    ],
)
def test_what_is_published_is_what_the_tag_says(tag: str, action: str, version: str, why: str | None) -> None:
    found = problem(tag, action, version)
    assert found is None if why is None else why in (found or "")


def test_the_version_is_that_of_the_package() -> None:
    import pgassay

    assert version() == pgassay.__version__
