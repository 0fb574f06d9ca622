from __future__ import annotations

import pytest

from pgassay.model import Migration, Script, Sections
from pgassay.supabase.privileges import DefaultPrivileges, date, parse


def _file(version: str | None) -> Migration:
    return Migration(f"{version}_x.sql", version, "x", "", Sections(((0, 0),)), lambda _: Script(()))


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("20261030000000", "20261030000000"),
        ("202610301200", "20261030120000"),
        ("20261030", "20261030000000"),
        ("2026-10-30", "20261030000000"),
        ("2026_10_30_1200", "20261030120000"),
        ("001", None),
        ("2026", None),
        ("20261", None),
        ("20261399", None),
        ("1760000000000", None),
        ("20261030000000000", None),
        ("1.2.3", None),
        (None, None),
    ],
)
def test_which_versions_are_dates(version: str | None, expected: str | None) -> None:
    assert date(version) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("legacy", DefaultPrivileges("legacy", source="pgassay.toml")),
        ("none", DefaultPrivileges("none", source="pgassay.toml")),
        ("cutover:20260601120000", DefaultPrivileges("cutover", "20260601120000", "pgassay.toml")),
    ],
)
def test_words(word: str, expected: DefaultPrivileges) -> None:
    assert parse(word, "pgassay.toml") == expected


@pytest.mark.parametrize(
    "word",
    ["", "Legacy", "cutover", "cutover:", "cutover:20261030", "cutover:20261330000000", "cutover:20260101000000 "],
)
def test_other_words_are_refused_with_those_that_are_known(word: str) -> None:
    with pytest.raises(ValueError, match='write "legacy", "none" or "cutover:20261030000000"'):
        parse(word, "pgassay.toml")


def test_the_first_file_of_the_new_way() -> None:
    files = [_file(version) for version in ("20261029235959", None, "20261030", "20261031000000")]
    assert DefaultPrivileges().begins_with(files) is files[2]
    assert DefaultPrivileges("cutover", "20270101000000").begins_with(files) is None
    assert DefaultPrivileges("legacy").begins_with(files) is None
    assert DefaultPrivileges("none").begins_with(files) is None


def test_files_without_a_date_run_as_the_one_before_them() -> None:
    numbered = [_file("001"), _file("002")]
    assert DefaultPrivileges().begins_with(numbered) is None


def test_a_guess_is_said_and_a_decision_is_not() -> None:
    old, new, numbered = _file("20250101000000"), _file("20261101000000"), _file("002")
    note = DefaultPrivileges().note([old], [numbered])
    assert note
    assert note.why.startswith("002_x.sql has no date in its name")
    assert not note.essential
    assert DefaultPrivileges().note([numbered], [old]) is None
    assert DefaultPrivileges().note([new], [numbered]) is None
    assert DefaultPrivileges().note([old], [new, numbered]) is None
    for decided in ("legacy", "none", "cutover:20261030000000"):
        assert parse(decided, "pgassay.toml").note([old], [numbered]) is None
