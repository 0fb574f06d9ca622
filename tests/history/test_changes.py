from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.history.changes import compare, first_difference
from pgassay.history.files import Document, blob_id


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("a\nb\nc\n", "a\nX\nc\n", 2),
        ("a\nb\n", "a\nb\nc\n", 3),
        ("a\nb\nc\n", "a\n", 1),
        ("a\nb\nc\n", "a\nc\n", 2),
        ("a\nb", "a\nb\n", 2),
        ("a\n", "", 1),
        ("", "a\n", 1),
        ("a\r\nb\r\n", "a\nX\n", 2),
    ],
)
def test_the_first_changed_line_is_one_of_the_new_text(old: str, new: str, line: int) -> None:
    assert first_difference(old, new) == line


@given(st.text("ab\n"), st.text("ab\n"))
def test_the_line_exists_and_everything_above_it_is_unchanged(old: str, new: str) -> None:
    line = first_difference(old, new)
    assert 1 <= line <= max(1, len(new.splitlines()))
    assert old.split("\n")[: line - 1] == new.split("\n")[: line - 1]


def documents(files: dict[str, str]) -> dict[str, Document]:
    return {path: Document(path, text, blob=blob_id(text.encode(), "sha1")) for path, text in files.items()}


texts = st.sampled_from(["", "a", "b", "c"])
trees = st.dictionaries(st.sampled_from(["1", "2", "3", "4"]), texts)


@given(trees, trees)
def test_every_file_is_accounted_for_once(before: dict[str, str], after: dict[str, str]) -> None:
    result = compare(documents(before), documents(after), ())
    kinds = {change.path: change.kind for change in result.changed}
    renamed = {change.location.path for change in result.changed if change.kind == "renamed"}
    assert kinds.keys() <= before.keys()
    assert {path for path in before if path not in after} == {path for path, kind in kinds.items() if kind != "edited"}
    assert {path for path, kind in kinds.items() if kind == "edited"} == {
        path for path in before.keys() & after.keys() if before[path] != after[path]
    }
    assert result.proposed == after.keys() - before.keys() - renamed
    assert renamed <= after.keys() - before.keys()
