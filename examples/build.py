"""Turns one example into a git repository, as its reviewer would have it checked out.

    python examples/build.py NAME FOLDER

`main` holds `NAME/merged`; the branch `proposal`, checked out, adds one commit with `NAME/proposed` on top and without
the files that `NAME/removed.txt` lists. The commits are the same on every machine: nothing of the user's git
configuration, hooks or environment takes part.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
MARKER = Path(".git", "pgassay-example")
BRANCH = "proposal"


class BuildError(Exception):
    """What cannot be built, in one sentence."""


def names() -> tuple[str, ...]:
    """The examples there are, sorted."""
    return tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/merged")))


def build(name: str, folder: Path) -> Path:
    """Make the repository of the example `name` in `folder` and return its absolute path.

    A repository that this function made there before is replaced, local work in it included; an empty folder is used.
    Raises BuildError for an unknown name, for a folder with anything else in it, and when git fails.
    """
    if name not in names():
        raise BuildError(f"There is no example called {name}; there are {', '.join(names())}.")
    folder = folder.absolute()
    _make_room(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _git(folder, "init", "--quiet", "--template=")
        _git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
        (folder / MARKER).write_text(f"{name}\n")
        _overlay(EXAMPLES / name / "merged", folder)
        _commit(folder, "Everything that is merged", "2025-12-01T09:00:00+00:00")
        _git(folder, "checkout", "--quiet", "-b", BRANCH)
        _overlay(EXAMPLES / name / "proposed", folder)
        for path in _removed(name):
            (folder / path).unlink()
        _commit(folder, "The proposed change", "2025-12-02T09:00:00+00:00")
    except OSError as error:
        raise BuildError(f"Cannot build {name} in {folder}: {error}") from error
    return folder


def _make_room(folder: Path) -> None:
    if not folder.is_symlink() and (folder / MARKER).is_file():
        shutil.rmtree(folder)
    elif folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise BuildError(f"{folder} is there already and is not an example built before; give another folder.")


def _overlay(source: Path, folder: Path) -> None:
    """Copy files without their modes, which an archive or a umask may have changed."""
    for path in sorted(source.rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def _removed(name: str) -> list[str]:
    listed = EXAMPLES / name / "removed.txt"
    return listed.read_text().split() if listed.exists() else []


def _commit(folder: Path, message: str, date: str) -> None:
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", message, date=date)


def _git(folder: Path, *arguments: str, date: str = "") -> None:
    """Run git in `folder`, blind to the user's configuration and to a git command that we may be called from."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DEFAULT_HASH": "sha1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {
            f"GIT_{who}_NAME": "pgassay example",
            f"GIT_{who}_EMAIL": "example@pgassay.invalid",
            f"GIT_{who}_DATE": date,
        }
    settings = ["core.autocrlf=false", "core.fileMode=false", f"core.hooksPath={os.devnull}", "gc.auto=0"]
    command = ["git", *(part for setting in settings for part in ("-c", setting)), *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BuildError("git is not installed; install it and try again.") from error
    if done.returncode:
        raise BuildError(f"git {arguments[0]} failed in {folder}: {done.stderr.strip()}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(
            f"Usage: python examples/build.py NAME FOLDER, where NAME is one of {', '.join(names())}.", file=sys.stderr
        )
        return 2
    try:
        build(arguments[0], Path(arguments[1]))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
