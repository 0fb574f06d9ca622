"""git, asked through plumbing only: no hooks, no file system monitor, no filters, no prompts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, MutableMapping
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError

_OPTIONS = ("--no-pager", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false")

# What a hook or an alias sets for its own repository (git rev-parse --local-env-vars, less the configuration), and what
# changes the meaning of paths.
_CONFUSING = frozenset(
    f"GIT_{name}"
    for name in (
        *("ALTERNATE_OBJECT_DIRECTORIES", "COMMON_DIR", "CONFIG", "DIR", "GRAFT_FILE", "IMPLICIT_WORK_TREE"),
        *("INDEX_FILE", "INTERNAL_SUPER_PREFIX", "NO_REPLACE_OBJECTS", "OBJECT_DIRECTORY", "PREFIX"),
        *("REPLACE_REF_BASE", "SHALLOW_FILE", "WORK_TREE", "NAMESPACE"),
        *("LITERAL_PATHSPECS", "GLOB_PATHSPECS", "NOGLOB_PATHSPECS", "ICASE_PATHSPECS"),
    )
)

_DELETED, _SPARSE = "R", "S"
"""Tags of git ls-files -t."""


class GitRefused(UsageError):
    """git ended with an error; `said` is its own sentence."""

    def __init__(self, folder: Path, command: str, said: str) -> None:
        super().__init__(f"git {command} fails in {folder}: {said}; repair the repository, or pass --all")
        self.said = said


class Blob(Struct, frozen=True):
    """A file in a commit."""

    path: str
    id: str
    is_link: bool = False


class Listing(Struct, frozen=True):
    """`hidden` files are tracked and left out of the working tree by a sparse checkout."""

    paths: tuple[str, ...]
    hidden: tuple[str, ...] = ()


class Repository(Struct, frozen=True):
    """The working tree that `open_repository` found. Paths are relative to `top`, with forward slashes."""

    top: Path
    algorithm: str

    def git(self, command: str, *arguments: str, stdin: bytes = b"") -> bytes:
        return _run(self.top, command, *arguments, stdin=stdin)

    def fetch(
        self, remote: str, refs: Iterable[str], how: Iterable[str] = (), config: Iterable[tuple[str, str]] = ()
    ) -> None:
        """`how` are options such as --depth=1.

        As the user who owns the repository, if we are root: a file of root's in there would stop that user later on.
        `config` is for this call alone, in the environment, where no list of processes shows it.
        """
        quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        owner = (self.top / ".git").stat()
        user = (owner.st_uid, owner.st_gid) if os.geteuid() == 0 and owner.st_uid else None
        _run(self.top, "fetch", *quietly, *how, "--", remote, *refs, config=config, user=user)

    def listing(self, folders: Iterable[str]) -> Listing:
        """Files in the working tree of these folders, tracked or not, without those that git ignores."""
        which = ("--cached", "--others", "--deleted", "--exclude-standard")
        listed = self.git("ls-files", "-z", "-t", *which, "--", *folders)
        by_tag: dict[str, set[str]] = {}
        for entry in listed.split(b"\0")[:-1]:
            tag, _, path = os.fsdecode(entry).partition(" ")
            by_tag.setdefault(tag, set()).add(path)
        deleted = by_tag.pop(_DELETED, set())
        hidden = {path for path in by_tag.get(_SPARSE, ()) if not (self.top / path).exists()}
        return Listing(tuple(sorted(set().union(*by_tag.values()) - deleted - hidden)), tuple(sorted(hidden)))

    def touched(self, commit: str) -> frozenset[str]:
        """Files of the working tree that are not as the commit has them, tracked or not."""
        changed = self.git("diff-index", "--name-only", "-z", "--no-renames", "--diff-filter=d", commit)
        others = self.git("ls-files", "-z", "--others", "--exclude-standard")
        return frozenset(map(os.fsdecode, (changed + others).split(b"\0")[:-1]))

    def blobs(self, commit: str, folders: Iterable[str]) -> dict[str, Blob]:
        """Files of a commit in these folders, by path."""
        names = [folder for folder in folders if folder != "."]
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", commit, *(["--", *names] if names else []))
        found = {}
        for entry in listed.split(b"\0")[:-1]:
            about, _, path = os.fsdecode(entry).partition("\t")
            mode, kind, name = about.split(" ")
            if kind == "blob":
                found[path] = Blob(path, name, mode == "120000")
        return found

    def contents(self, objects: Iterable[str]) -> list[bytes | None]:
        """The bytes of each object, in one process. None for what is not there or is a link that leaves the commit.

        An object is a blob's id or `commit:path`, where symbolic links are followed.
        """
        wanted = list(objects)
        if not wanted:
            return []
        request = os.fsencode("".join(f"{name}\n" for name in wanted))
        answer = self.git("cat-file", "--batch", "--follow-symlinks", stdin=request)
        found: list[bytes | None] = []
        position = 0
        while position < len(answer):
            end = answer.index(b"\n", position)
            words = answer[position:end].split(b" ")
            position = end + 1
            if words[-1] in (b"missing", b"ambiguous"):
                found.append(None)
                continue
            size = int(words[-1])
            is_file = words[-2] == b"blob"
            found.append(answer[position : position + size] if is_file else None)
            position += size + 1
        return found


def configure(environment: MutableMapping[str, str], config: Iterable[tuple[str, str]]) -> None:
    """For every git with that environment (git-config, GIT_CONFIG_COUNT)."""
    count = int(environment.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(config, count):
        environment.update({f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value})
        count = number + 1
    environment["GIT_CONFIG_COUNT"] = str(count)


def open_repository(root: Path) -> Repository | None:
    """The repository whose working tree holds `root`, or None outside git.

    UsageError when there is one and git cannot or will not read it.
    """
    found = enclosing(root)
    if found is None:
        return None
    try:
        answer = _run(root, "rev-parse", "--show-toplevel", "--show-object-format")
    except FileNotFoundError:
        raise UsageError(f"{found} is a git repository and git is not installed: install git, or pass --all") from None
    except GitRefused as refusal:
        said = refusal.said
        if "dubious ownership" in said or "unsafe repository" in said:
            raise UsageError(
                f"git does not trust {found} because another user owns it: "
                f"run git config --global --add safe.directory {found}"
            ) from None
        if "not a git repository (or any" in said:
            return None
        raise
    top, _, algorithm = os.fsdecode(answer.rstrip(b"\n")).rpartition("\n")
    return Repository(Path(top), algorithm)


def enclosing(root: Path) -> Path | None:
    """The nearest folder from `root` upwards that has a `.git`, whoever owns it."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _run(
    folder: Path,
    command: str,
    *arguments: str,
    stdin: bytes = b"",
    config: Iterable[tuple[str, str]] = (),
    user: tuple[int, int] | None = None,
) -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in _CONFUSING}
    environment |= {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0"}
    configure(environment, config)
    uid, gid = user or (None, None)
    done = subprocess.run(
        ["git", *_OPTIONS, command, *arguments],
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        check=False,
        user=uid,
        group=gid,
        extra_groups=() if user else None,
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        said = next((line for line in lines if line.startswith("fatal: ")), lines[0])
        raise GitRefused(folder, command, said.removeprefix("fatal: "))
    return done.stdout
