from __future__ import annotations

import pytest
from msgspec.structs import replace

from pgassay.github.diff import Diff
from pgassay.github.model import ChangedFile, ChangedFiles, Side
from pgassay.github.placement import MOST_LINES, Place, place
from pgassay.model import Edit, Finding, Location
from tests.render.reports import CASCADE

from .changes import added

LONG = "".join(f"line {number}\n" for number in range(1, 41))
NEW = added("new.sql", LONG)
# Lines 11 to 13 are new among 8 to 16; line 30 is new, and the last, without a newline.
MODIFIED = ChangedFile(
    "old.sql",
    "modified",
    patch="@@ -8,6 +8,9 @@ create table a (\n line 8\n line 9\n line 10\n+line 11\n+line 12\n+line 13\n line 14\n"
    " line 15\n line 16\n@@ -25,3 +28,3 @@\n line 28\n line 29\n-line x\n+line 30\n\\ No newline at end of file",
)
REMOVED = ChangedFile("gone.sql", "removed", patch="@@ -1,2 +0,0 @@\n-line 1\n-line 2")
RENAMED = ChangedFile("moved.sql", "renamed", "from.sql")
CRLF = added("crlf.sql", "line 1\r\nline 2\r\n")
DIFF = Diff(ChangedFiles((NEW, MODIFIED, REMOVED, RENAMED, CRLF)))
SOURCE = LONG.split("\n")
FILE = None


def finding(path: str, start: int, end: int | None = None, *, column: int | None = 1) -> Finding:
    return replace(CASCADE, location=Location(path, start, end or start, column, column and 9), edit=None)


@pytest.mark.parametrize(
    ("path", "lines", "expected"),
    [
        ("new.sql", (7, 7), (7, 7)),
        ("new.sql", (7, 9), (7, 9)),
        ("new.sql", (7, 6 + MOST_LINES), (7, 6 + MOST_LINES)),
        ("new.sql", (7, 7 + MOST_LINES), (7, 7)),
        ("new.sql", (40, 41), (40, 40)),
        ("new.sql", (41, 41), None),
        ("old.sql", (12, 12), (12, 12)),
        ("old.sql", (9, 9), (9, 9)),
        ("old.sql", (1, 1), None),
        ("old.sql", (17, 27), None),
        ("old.sql", (6, 12), (8, 12)),
        ("old.sql", (15, 18), (15, 16)),
        ("old.sql", (27, 30), (28, 30)),
        ("moved.sql", (1, 1), None),
        ("nowhere.sql", (1, 1), None),
        ("gone.sql", (2, 2), None),
    ],
)
def test_a_finding_stands_where_the_diff_shows_it(
    path: str, lines: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    spot = place(finding(path, *lines), DIFF, SOURCE)
    assert spot == (Place(path, *expected) if expected else None)


def test_of_two_hunks_the_one_with_more_new_lines_is_taken() -> None:
    patch = "@@ -1,3 +1,3 @@\n a\n b\n-x\n+c\n@@ -5,2 +5,3 @@\n e\n+f\n+g"
    diff = Diff(ChangedFiles((ChangedFile("x.sql", "modified", patch=patch),)))
    assert place(finding("x.sql", 2, 7), diff, None) == Place("x.sql", 5, 7)
    assert place(finding("x.sql", 2, 6), diff, None) == Place("x.sql", 2, 3)


def test_a_finding_about_a_file_stands_on_its_first_line() -> None:
    assert place(finding("new.sql", 1, column=FILE), DIFF, SOURCE) == Place("new.sql", 1, 1)
    assert place(finding("gone.sql", 1, column=FILE), DIFF, None) == Place("gone.sql", 1, 1, Side.LEFT)
    assert place(finding("moved.sql", 1, column=FILE), DIFF, SOURCE) is None
    without_patch = Diff(ChangedFiles((replace(REMOVED, patch=None),)))
    assert place(finding("gone.sql", 1, column=FILE), without_patch, None) is None
    assert place(finding("old.sql", 1, column=FILE), DIFF, SOURCE) is None


class TestReviewedAtTheMerge:
    """The base branch changed the file too, so its lines have other numbers in the merge than in the head."""

    def test_lines_are_found_by_what_they_say(self) -> None:
        merged = ["-- from the base", "", *SOURCE]
        assert place(finding("old.sql", 14), DIFF, merged) == Place("old.sql", 12, 12)
        assert place(finding("old.sql", 13, 15), DIFF, merged) == Place("old.sql", 11, 13)

    def test_lines_that_the_head_does_not_have_are_nowhere(self) -> None:
        merged = [*SOURCE[:10], "-- from the base", *SOURCE[10:]]
        assert place(finding("old.sql", 11), DIFF, merged) is None
        assert place(finding("old.sql", 11, 12), DIFF, merged) is None
        assert place(finding("old.sql", 14), DIFF, merged) == Place("old.sql", 13, 13)

    def test_a_line_that_stands_twice_is_no_guess(self) -> None:
        diff = Diff(ChangedFiles((added("x.sql", "a\n);\nb\n);\n"),)))
        assert place(finding("x.sql", 3), diff, ["-- base", "a", ");", "b", ");"]) is None
        assert place(finding("x.sql", 2), diff, ["-- base", "a", ");", "b", ");"]) == Place("x.sql", 1, 1)

    def test_an_empty_line_is_no_guess(self) -> None:
        diff = Diff(ChangedFiles((added("x.sql", "a\n\nb\n"),)))
        assert place(finding("x.sql", 1), diff, ["", "a", "", "b"]) is None

    def test_carriage_returns_and_other_encodings_are_no_difference(self) -> None:
        assert place(finding("crlf.sql", 2), DIFF, ["line 1", "line 2", ""]) == Place("crlf.sql", 2, 2)
        diff = Diff(ChangedFiles((added("x.sql", "-- gr\ufffd\ufffde\nb\n"),)))
        assert place(finding("x.sql", 1), diff, ["-- größe", "b", ""]) == Place("x.sql", 1, 1)

    def test_without_a_source_the_numbers_count(self) -> None:
        assert place(finding("old.sql", 12), DIFF, None) == Place("old.sql", 12, 12)


def suggested(edit: Edit, *, at: int = 7, diff: Diff = DIFF, suggestions: bool = True) -> Place | None:
    given = replace(finding(edit.location.path, at), edit=edit)
    return place(given, diff, SOURCE, suggestions=suggestions)


@pytest.mark.parametrize("lines", [(7, 7), (6, 8)])
def test_an_edit_is_suggested_on_exactly_its_lines(lines: tuple[int, int]) -> None:
    edit = Edit(Location("new.sql", *lines), "line seven")
    assert suggested(edit) == Place("new.sql", *lines, suggestion=edit)


def test_the_comment_goes_where_the_button_is() -> None:
    """A statement of several lines is mended behind its end."""
    edit = Edit(Location("new.sql", 9, 9), "line nine\nline ten")
    assert suggested(edit, at=7) == Place("new.sql", 9, 9, suggestion=edit)


@pytest.mark.parametrize(
    ("edit", "at"),
    [
        pytest.param(Edit(Location("new.sql", 7, 7), "line seven", safe=False), 7, id="not safe"),
        pytest.param(Edit(Location("new.sql", 5, 6), "line five"), 7, id="of lines above"),
        pytest.param(Edit(Location("new.sql", 7, 7), "line 7"), 7, id="changes nothing"),
        pytest.param(Edit(Location("new.sql", 7, 7), ""), 7, id="deletes"),
        pytest.param(Edit(Location("new.sql", 40, 41), "line forty"), 40, id="beyond the end"),
        pytest.param(Edit(Location("old.sql", 12, 12), "line twelve"), 12, id="of a merged file"),
        pytest.param(Edit(Location("crlf.sql", 2, 2), "line two"), 2, id="would change the line's end"),
    ],
)
def test_any_other_edit_is_not_suggested(edit: Edit, at: int) -> None:
    assert suggested(edit, at=at) == Place(edit.location.path, at, at)


def test_nothing_is_suggested_on_the_last_line_without_a_newline() -> None:
    diff = Diff(ChangedFiles((added("new.sql", "line 1\nline 2"),)))
    edit = Edit(Location("new.sql", 2, 2), "line two")
    assert suggested(edit, at=2, diff=diff) == Place("new.sql", 2, 2)


def test_an_edit_of_another_file_or_without_suggestions_is_not_suggested() -> None:
    edit = Edit(Location("new.sql", 7, 7), "line seven")
    assert suggested(edit, suggestions=False) == Place("new.sql", 7, 7)
    elsewhere = replace(finding("new.sql", 7), edit=Edit(Location("old.sql", 7, 7), "x"))
    assert place(elsewhere, DIFF, SOURCE) == Place("new.sql", 7, 7)


def test_a_patch_that_git_made_is_not_sure() -> None:
    diff = Diff(ChangedFiles((replace(NEW, patch_by_git=True), replace(REMOVED, patch_by_git=True))))
    edit = Edit(Location("new.sql", 7, 7), "line seven")
    assert suggested(edit, diff=diff) == Place("new.sql", 7, 7, suggestion=edit, sure=False)
    assert place(finding("new.sql", 8), diff, SOURCE) == Place("new.sql", 8, 8, sure=False)
    assert place(finding("gone.sql", 1, column=FILE), diff, None) == Place("gone.sql", 1, 1, Side.LEFT, sure=False)
