"""Allow comments: which statements they speak for, and what is said of those that cannot be used."""

from __future__ import annotations

import pytest

from pgassay.model import AllowComment, CommentProblem
from pgassay.sql.comments import allow_comments

from .spots import PATH, marked, parsed


def read(text: str) -> tuple[tuple[AllowComment, ...], tuple[CommentProblem, ...]]:
    return allow_comments(PATH, text, parsed(text))


def allow(text: str) -> AllowComment:
    (comment,), problems = read(text)
    assert problems == ()
    return comment


class TestCovers:
    """A comment speaks for the statement that it stands on, or for the next one below it."""

    def test_above(self) -> None:
        text = "select 1;\n-- pgassay: allow r because x\n\ncreate table a (\n);\ncreate table b ();"
        assert allow(text).covers == range(2, 6)

    def test_above_and_together_with_others(self) -> None:
        text = "-- pgassay: allow r because x\n-- pgassay: allow s because y\n/* note */\ncreate table a ();\nselect 1;"
        first, second = read(text)[0]
        assert (first.rule, second.rule) == ("r", "s")
        assert first.covers == range(1, 5)
        assert second.covers == range(2, 5)

    def test_beside(self) -> None:
        text = "create table a ();\ncreate table b (\n); -- pgassay: allow r because x\ncreate table c ();"
        assert allow(text).covers == range(2, 4)

    def test_inside(self) -> None:
        text = "create table a (\n  x int, -- pgassay: allow r because x\n  y int\n);\ncreate table b ();"
        assert allow(text).covers == range(1, 5)

    def test_at_the_end_of_a_line_with_several(self) -> None:
        text = "create table a (); create table b (); -- pgassay: allow r because x\ncreate table c ();"
        assert allow(text).covers == range(1, 2)

    def test_above_a_line_with_several(self) -> None:
        text = "-- pgassay: allow r because x\ncreate table a (); create table b ();\ncreate table c ();"
        assert allow(text).covers == range(1, 3)

    def test_below_the_last_one_there_is_only_the_comment_itself(self) -> None:
        assert allow("create table a ();\n-- pgassay: allow r because x\n").covers == range(2, 3)
        assert allow("-- pgassay: allow r because x").covers == range(1, 2)

    def test_beside_a_broken_statement(self) -> None:
        assert allow("creat table a (\n); -- pgassay: allow r because x\ncreate table b ();").covers == range(1, 3)

    def test_in_a_file_whose_quote_is_never_closed(self) -> None:
        text = "-- pgassay: allow r because x\nselect 1;\nselect 'abc;\n-- pgassay: allow s because y\n"
        first, second = read(text)[0]
        assert first.covers == range(1, 3)
        assert 3 in second.covers


class TestForm:
    @pytest.mark.parametrize(
        ("comment", "reason", "until"),
        [
            ("-- pgassay: allow r because it is small", "it is small", None),
            ("--pgassay:allow r because it is small  ", "it is small", None),
            ("--   pgassay:   allow   r   because   it   is small", "it is small", None),
            ("-- pgassay: allow r because it is small until 2027-01-31", "it is small", "2027-01-31"),
            ("-- pgassay: allow r because it waits until then until 2027-01-31", "it waits until then", "2027-01-31"),
            ("-- pgassay: allow r because of this because of that", "of this because of that", None),
            ("-- pgassay: allow r because größer als 日本", "größer als 日本", None),
            ("/* pgassay: allow r because it is small */", "it is small", None),
            ("/* pgassay: allow r because it is small until 2027-01-31 */", "it is small", "2027-01-31"),
            ("/* pgassay: allow r because it\n   is small */", "it is small", None),
        ],
    )
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_reason_and_date(self, comment: str, reason: str, until: str | None, line_end: str) -> None:
        found = allow(f"{comment}{line_end}create table a ();{line_end}")
        assert (found.rule, found.reason, found.until) == ("r", reason, until)

    def test_the_location_is_that_of_the_comment(self) -> None:
        text = "select 'é'; -- pgassay: allow r because x\nselect 2;"
        assert marked(text, allow(text).location) == "select 'é'; «-- pgassay: allow r because x»\nselect 2;"

    @pytest.mark.parametrize(
        "comment",
        [
            "-- pgassay: allow r",
            "-- pgassay: allow r because",
            "-- pgassay: allow because x",
            "-- pgassay: ignore r because x",
            "-- pgassay: allow r, s because x",
            "-- pgassay: allow Missing-RLS because x",
            "/* pgassay: */",
        ],
    )
    def test_a_comment_of_another_form_is_a_problem(self, comment: str) -> None:
        allows, (problem,) = read(f"select 1;\n{comment}\nselect 2;")
        assert allows == ()
        assert problem.message == (
            "this comment does not read as `-- pgassay: allow RULE because REASON [until YYYY-MM-DD]`"
        )
        assert problem.location.start_line == 2

    @pytest.mark.parametrize("date", ["monday", "31.01.2027", "2027-02-30", "20270131", "2027-W04-7", "2027-01-31."])
    def test_a_date_that_is_none_is_a_problem(self, date: str) -> None:
        allows, (problem,) = read(f"-- pgassay: allow r because x until {date}\nselect 2;")
        assert allows == ()
        assert problem.message == f"`{date}` is not a date: write it as YYYY-MM-DD"

    @pytest.mark.parametrize(
        "text",
        [
            "-- see pgassay: allow r because x\nselect 1",
            "select '-- pgassay: allow r because x'",
            "select $$\n-- pgassay: allow r because x\n$$",
            'select 1 as "-- pgassay: allow r because x"',
            "-- nothing for us\nselect 1",
        ],
    )
    def test_what_only_looks_like_one(self, text: str) -> None:
        assert read(text) == ((), ())
