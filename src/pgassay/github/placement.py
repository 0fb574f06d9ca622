"""Where on a pull request a finding can stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from pgassay.github import comments
from pgassay.github.diff import Diff, FileDiff, Hunk
from pgassay.github.model import ExistingComment, Side
from pgassay.model import Edit, Finding, Location
from pgassay.render.snippet import about_the_file

MOST_LINES = 8
"""GitHub repeats every commented line in the conversation; of a longer place only the first line is commented on."""


class Place(Struct, frozen=True):
    """Lines of one hunk, inclusive. `suggestion` replaces exactly these; `sure` is that of the comment."""

    path: str
    start: int
    end: int
    side: Side = Side.RIGHT
    suggestion: Edit | None = None
    sure: bool = True


class Stand(Struct, frozen=True):
    """Where a finding is: the lines of `path` that are about it, and the place for a new comment, if there is one."""

    path: str
    lines: frozenset[int]
    spot: Place | None

    def holds(self, comment: ExistingComment) -> bool:
        """GitHub moves a comment along with its line, and gives no line for one whose line has changed."""
        if comment.path != self.path or comment.line is None:
            return False
        return not self.lines.isdisjoint(range(comment.start_line or comment.line, comment.line + 1))


def stand(finding: Finding, diff: Diff, source: Sequence[str] | None, *, suggestions: bool = True) -> Stand:
    location = finding.location
    spot = place(finding, diff, source, suggestions=suggestions)
    if spot is None:
        return Stand(location.path, frozenset(location.lines), None)
    file = diff.files[location.path]
    whole = _found(location.lines, file, source) if spot.side is Side.RIGHT else range(0)
    return Stand(location.path, frozenset(range(spot.start, spot.end + 1)).union(whole), spot)


def place(finding: Finding, diff: Diff, source: Sequence[str] | None, *, suggestions: bool = True) -> Place | None:
    """None where the diff shows no line of it.

    `source` are the lines of the file as it was reviewed. That may be the merge of head and base, where a file that
    both changed has other line numbers: lines are therefore found by what they say.
    """
    file = diff.files.get(finding.location.path)
    if file is None:
        return None
    if file.file.status == "removed":
        return _removed(finding.location, file)
    suggested = _suggested(finding, file, source) if suggestions else None
    return suggested or _on_the_right(finding.location, file, source)


def _removed(location: Location, file: FileDiff) -> Place | None:
    """The file is gone, so line 1 of what was deleted stands for it."""
    is_there = any(1 in hunk.left for hunk in file.hunks)
    sure = not file.file.patch_by_git
    return Place(location.path, 1, 1, Side.LEFT, sure=sure) if about_the_file(location) and is_there else None


def _on_the_right(location: Location, file: FileDiff, source: Sequence[str] | None) -> Place | None:
    wanted = range(location.start_line, location.end_line + 1)
    if len(wanted) > MOST_LINES:
        wanted = wanted[:1]
    found = _found(wanted, file, source)
    return Place(location.path, found[0], found[-1], sure=not file.file.patch_by_git) if found else None


def _suggested(finding: Finding, file: FileDiff, source: Sequence[str] | None) -> Place | None:
    """A merged file is never to be edited, and a line that the author did not write is not offered for change."""
    edit, location = finding.edit, finding.location
    if edit is None or not edit.safe or file.file.status != "added" or not comments.can_be_suggested(edit):
        return None
    # An edit may stand below, where a long statement ends: the comment goes with the button.
    if edit.location.path != location.path or edit.location.end_line < location.start_line:
        return None
    found = _found(edit.location.lines, file, source)
    hunk = _hunk_of(found, file)
    if hunk is None or len(found) != len(edit.location.lines):
        return None
    current = [hunk.right[line] for line in found]
    if hunk.unended in found or any(line.endswith("\r") for line in current):
        return None
    if edit.replacement == "\n".join(current):
        return None
    return Place(location.path, found[0], found[-1], suggestion=edit, sure=not file.file.patch_by_git)


def _found(wanted: range, file: FileDiff, source: Sequence[str] | None) -> range:
    """The lines of one hunk that the diff shows of these, by the numbers of the head commit; possibly none."""
    if source is None:
        return _shown(wanted, file)
    texts = [_comparable(source[line - 1]) for line in wanted if 1 <= line <= len(source)]
    shown = _shown(wanted, file)
    hunk = _hunk_of(shown, file)
    if hunk and all(
        line <= len(source) and _comparable(hunk.right[line]) == _comparable(source[line - 1]) for line in shown
    ):
        return shown
    elsewhere = list(_moved(texts, file)) if len(texts) == len(wanted) else []
    return elsewhere[0] if len(elsewhere) == 1 else range(0)


def _shown(wanted: range, file: FileDiff) -> range:
    """In the hunk with the most new lines of these, the first such hunk."""
    best: tuple[int, range] = (-1, range(0))
    for hunk in file.hunks:
        lines = [line for line in wanted if line in hunk.right]
        new = sum(line in hunk.added for line in lines)
        if lines and new > best[0]:
            best = new, range(lines[0], lines[-1] + 1)
    return best[1]


def _moved(texts: list[str], file: FileDiff) -> Iterator[range]:
    if not any(texts):
        return
    for hunk in file.hunks:
        numbers = list(hunk.right)
        shown = [_comparable(text) for text in hunk.right.values()]
        for at in range(len(shown) - len(texts) + 1):
            if shown[at : at + len(texts)] == texts:
                yield range(numbers[at], numbers[at] + len(texts))


def _hunk_of(lines: range, file: FileDiff) -> Hunk | None:
    return next((hunk for hunk in file.hunks if lines and lines[0] in hunk.right and lines[-1] in hunk.right), None)


def _comparable(line: str) -> str:
    """GitHub and we may decode a file that is not UTF-8 differently, and only one of us keeps a carriage return."""
    return "".join(character for character in line if " " < character <= "~")
