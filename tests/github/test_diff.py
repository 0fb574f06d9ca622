from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgassay.github.diff import GIT_DIFF, Diff, FileDiff, hunks, with_missing_patches
from pgassay.github.model import ChangedFile, ChangedFiles, Side
from tests.fake_github.repository import Repository

from .changes import changed_files

LINES = st.lists(
    st.sampled_from(
        ["a", "b", "c", "", " ", "-- comment", "- a", "++ b", "++ b/x.sql", "@@ -1 +1 @@", "diff --git a/x b/x",
         "\\ No newline at end of file", "\r", "select 1;\r", "größe 表", "\x0b", "\u2028"]
    ),
    max_size=24,
)  # fmt: skip
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))
PATHS = st.sampled_from(["x.sql", "a b.sql", "größe 表.sql", 'q"uote.sql', "tab\t.sql", "back\\slash.sql", "new\nline"])
FILES = st.dictionaries(PATHS, st.none() | TEXTS, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository.create(tmp_path_factory.mktemp("diffs") / "repository", {}, {})


def tree(repository: Repository, files: dict[str, str | None]) -> str:
    repository.git("rm", "-r", "-q", "-f", "--ignore-unmatch", ".")
    return repository.commit({path: text for path, text in files.items() if text is not None})


def before_and_after(repository: Repository, old: dict[str, str | None], new: dict[str, str | None]) -> tuple[str, str]:
    return tree(repository, old), tree(repository, new)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(old=FILES, new=FILES)
def test_hunks_hold_the_lines_of_both_sides(
    repository: Repository, old: dict[str, str | None], new: dict[str, str | None]
) -> None:
    base, head = before_and_after(repository, old, new)
    for name, file in Diff(changed_files(repository, base, head)).files.items():
        before = old.get(file.file.previous_path or name)
        check_sides(file, before or "", new.get(name) or "")


def check_sides(file: FileDiff, before: str, after: str) -> None:
    old, new = before.split("\n"), after.split("\n")
    for hunk in file.hunks:
        assert all(text == old[number - 1] for number, text in hunk.left.items())
        assert all(text == new[number - 1] for number, text in hunk.right.items())
        assert hunk.added <= hunk.right.keys()
        is_last = len(new) in hunk.right and not after.endswith("\n") and after
        assert hunk.unended == (len(new) if is_last else None)
    deleted = {number for hunk in file.hunks for number in hunk.left}
    added = {number for hunk in file.hunks for number in hunk.added}
    kept = [line for number, line in enumerate(old, 1) if number not in deleted]
    # What git shows as neither deleted nor added is the same in both.
    assert drop_end(kept, before) == drop_end(
        [line for number, line in enumerate(new, 1) if number not in added], after
    )


def drop_end(lines: list[str], text: str) -> list[str]:
    return lines[:-1] if not text or text.endswith("\n") else lines


@settings(deadline=None, max_examples=40, derandomize=True)
@given(old=FILES, new=FILES)
def test_missing_patches_come_from_git(
    repository: Repository, old: dict[str, str | None], new: dict[str, str | None]
) -> None:
    base, head = before_and_after(repository, old, new)
    listed = changed_files(repository, base, head)
    left_out = ChangedFiles(
        tuple(ChangedFile(file.path, file.status, file.previous_path) for file in listed.files), listed.complete
    )
    filled = with_missing_patches(left_out, repository.git(*GIT_DIFF, base, head))
    assert [hunks(file.patch) for file in filled.files] == [hunks(file.patch) for file in listed.files]
    assert all(file.patch_by_git == (file.patch is not None) for file in filled.files)


def test_patches_of_github_stay(repository: Repository) -> None:
    base, head = before_and_after(repository, {"x.sql": "a\n"}, {"x.sql": "b\n", "y.sql": "c\n"})
    listed = changed_files(repository, base, head)
    assert with_missing_patches(listed, "") == listed
    first, second = listed.files
    partly = ChangedFiles((first, ChangedFile(second.path, second.status)))
    filled = with_missing_patches(partly, repository.git(*GIT_DIFF, base, head))
    assert filled.files[0] == first
    assert filled.files[1].patch_by_git


def test_a_file_that_git_says_nothing_about_keeps_no_patch() -> None:
    listed = ChangedFiles((ChangedFile("x.sql", "renamed", "y.sql"),), complete=False)
    assert with_missing_patches(listed, "diff --git a/z b/z\n--- a/z\n+++ b/z\n@@ -0,0 +1 @@\n+a\n") == listed
    assert Diff(listed).files["x.sql"].hunks == ()


def test_a_removed_file_has_lines_on_the_left_alone(repository: Repository) -> None:
    base, head = before_and_after(repository, {"x.sql": "a\nb\n", "y": ""}, {"y": ""})
    (hunk,) = Diff(changed_files(repository, base, head)).files["x.sql"].hunks
    assert hunk.lines(Side.LEFT) == {1: "a", 2: "b"}
    assert hunk.lines(Side.RIGHT) == {}


@pytest.mark.parametrize(
    ("patch", "shown"),
    [
        (None, []),
        ("", []),
        ("no hunk at all", []),
        ("@@ -1,2 +1,3 @@\n a\n+b", [1, 2]),
        ("@@ -1,2 +1,3 @@\n a\n+b\n", [1, 2]),
        ("@@ -1 +1,2 @@ create table a (\n a\n+b\n@@ -9,0 +11 @@\n+c\nrubbish\n@@ -20 +20 @@\n+d", [1, 2, 11]),
        ("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", [1]),
    ],
)
def test_what_cannot_be_read_is_not_in_the_diff(patch: str | None, shown: list[int]) -> None:
    assert [number for hunk in hunks(patch) for number in hunk.right] == shown


def test_git_reads_names_in_any_configuration(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "r", {"größe.sql": "a\n"}, {"größe.sql": "b\n"})
    for setting in ("core.quotePath=true", "diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always"):
        repository.git("config", *setting.split("=", 1))
    unified = repository.git(*GIT_DIFF, "main", "change")
    listed = ChangedFiles((ChangedFile("größe.sql", "modified"),))
    assert with_missing_patches(listed, unified).files[0].patch == "@@ -1 +1 @@\n-a\n+b"
