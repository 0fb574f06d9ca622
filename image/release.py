"""Turns action.yml into that of a release: one that names a published image, so that no job has to build it.

On main the image is built from the Dockerfile. `--check TAG` says whether the checkout is that of the tag's release.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

TOP = Path(__file__).parents[1]
PUBLISHED = "docker://ghcr.io/pgassay/pgassay"

_IMAGE = re.compile(r"^  image: .*$", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def version(top: Path = TOP) -> str:
    """Of the package, without importing it."""
    found = _VERSION.search((top / "src" / "pgassay" / "__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def released(action: str, version: str) -> str:
    text, replaced = _IMAGE.subn(f"  image: {PUBLISHED}:{version}", action)
    assert replaced == 1
    return text


def problem(tag: str, action: str, version: str) -> str | None:
    """Why this is no release of `tag`, None when it is."""
    if tag != f"v{version}":
        return f"the tag is {tag}, and the package is version {version}"
    if released(action, version) != action:
        return f"action.yml does not name the image of {version}; run `make release-action`, commit, tag that"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", metavar="TAG")
    tag: str | None = parser.parse_args().check
    path = TOP / "action.yml"
    action = path.read_text("utf-8")
    if tag is None:
        path.write_text(released(action, version()), "utf-8")
    else:
        sys.exit(problem(tag, action, version()))


if __name__ == "__main__":
    main()
