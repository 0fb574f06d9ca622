"""Which lines of a pull request a comment may stand on: those that its diff shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from pgassay.github.model import ChangedFile, ChangedFiles, Side

GIT_DIFF = (
    *("-c", "core.quotePath=false", "-c", "diff.suppressBlankEmpty=false", "diff"),
    *("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--unified=3", "--submodule=short"),
    *("--src-prefix=a/", "--dst-prefix=b/"),
)
"""Arguments of git that make the text for `with_missing_patches`; two commits follow."""

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPED = re.compile(r'\\([0-7]{1,3}|[abfnrtv"\\])')
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}


class Hunk(Struct, frozen=True):
    """One hunk. `right` maps line numbers of the head commit to their text, `left` those of deleted lines.

    Both keep a carriage return. `added` are those of `right` that are new; `unended` is the line of `right` that ends
    the file without a newline.
    """

    right: Mapping[int, str]
    left: Mapping[int, str]
    added: frozenset[int]
    unended: int | None = None

    def lines(self, side: Side) -> Mapping[int, str]:
        return self.right if side is Side.RIGHT else self.left


class FileDiff(Struct, frozen=True):
    file: ChangedFile
    hunks: tuple[Hunk, ...]


class Diff(Struct, frozen=True, dict=True):
    """The changed files with their hunks read."""

    changed: ChangedFiles

    @cached_property
    def files(self) -> Mapping[str, FileDiff]:
        """By the path that the file has in the head commit; removed files by the one they had."""
        return {file.path: FileDiff(file, hunks(file.patch)) for file in self.changed.files}


def hunks(patch: str | None) -> tuple[Hunk, ...]:
    """Lines that follow no readable hunk header are left out, as is what comes after them."""
    return tuple(_hunks(patch.split("\n"))) if patch else ()


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    at = 0
    while at < len(lines):
        header = _HUNK.match(lines[at])
        if not header:
            return
        hunk, at = _hunk(header, lines, at + 1)
        yield hunk


def _hunk(header: re.Match[str], lines: list[str], at: int) -> tuple[Hunk, int]:
    """Reads as many lines as the header announces, whatever they look like."""
    old, new = int(header[1]), int(header[3])
    old_end = old + int(header[2] or 1)
    new_end = new + int(header[4] or 1)
    right: dict[int, str] = {}
    left: dict[int, str] = {}
    added: set[int] = set()
    unended = None
    while at < len(lines) and (old < old_end or new < new_end or lines[at].startswith("\\")):
        sign, text = lines[at][:1], lines[at][1:]
        if sign == "\\":
            unended = new - 1 if lines[at - 1][:1] in "+ " else unended
        elif sign == "-":
            left[old] = text
            old += 1
        elif sign == "+":
            right[new] = text
            added.add(new)
            new += 1
        elif sign == " " or (not sign and at < len(lines) - 1):
            right[new] = text
            old += 1
            new += 1
        else:
            break
        at += 1
    return Hunk(right, left, frozenset(added), unended), at


def with_missing_patches(changed: ChangedFiles, unified: str) -> ChangedFiles:
    """The same files, with the patches that GitHub left out taken from what git printed for `GIT_DIFF`."""
    if all(file.patch is not None for file in changed.files):
        return changed
    patches = _patches(unified)
    return replace(
        changed,
        files=tuple(
            replace(file, patch=patches[file.path], patch_by_git=True)
            if file.patch is None and file.path in patches
            else file
            for file in changed.files
        ),
    )


def _patches(unified: str) -> dict[str, str]:
    """The hunks of each file, by its path in the newer commit; a removed file's by its path in the older one."""
    found: dict[str, str] = {}
    lines = unified.split("\n")
    old = new = None
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("diff --git "):
            old = new = None
        elif line.startswith("--- "):
            old = _path(line[4:], "a/")
        elif line.startswith("+++ "):
            new = _path(line[4:], "b/")
        elif header := _HUNK.match(line):
            _, end = _hunk(header, lines, at + 1)
            path = new or old
            if path:
                text = "\n".join(lines[at:end])
                found[path] = f"{found[path]}\n{text}" if path in found else text
            at = end
            continue
        at += 1
    return found


def _path(written: str, prefix: str) -> str | None:
    """None for /dev/null. git ends a name with a tab where it holds spaces, and quotes one that holds worse."""
    name = written.removesuffix("\t")
    if len(name) > 1 and name[0] == name[-1] == '"':
        octets = _ESCAPED.sub(_unescaped, name[1:-1]).encode("utf-8", "surrogateescape")
        name = octets.decode("utf-8", "surrogateescape")
    return name.removeprefix(prefix) if name.startswith(prefix) else None


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return _ESCAPES[code] if code in _ESCAPES else bytes([int(code, 8)]).decode("utf-8", "surrogateescape")
