"""One migration file, read whole."""

from __future__ import annotations

from pgassay.model import Migration, Sections
from pgassay.sql import read

from .spots import PATH, marked


def migration(text: str, *down: tuple[int, int], unreadable: str | None = None) -> Migration:
    edges = [0, *(edge for span in down for edge in span), len(text)]
    up = tuple(zip(edges[::2], edges[1::2], strict=True))
    return Migration(PATH, "1", "a", text, Sections(up, down), read, unreadable=unreadable)


def test_it_is_parsed_when_first_asked_for_and_once() -> None:
    one = migration("create table a ();")
    assert one.script is one.script
    assert one.up is one.script.up


def test_the_way_back_is_read_apart_from_the_way_there() -> None:
    text = "-- up é\ncreate table a ();\n-- down\ndrop table a;\n-- up again\nselect 1;\n"
    start, end = text.index("-- down"), text.index("-- up again")
    both = migration(text, (start, end))
    assert [each.kind for each in both.up] == ["CREATE TABLE", "SELECT"]
    assert [each.kind for each in both.down] == ["DROP TABLE"]
    assert marked(text, both.down[0].location) == text.replace("drop table a", "«drop table a»")
    assert marked(text, both.up[1].location) == text.replace("select 1", "«select 1»")


def test_a_broken_way_back_does_not_break_the_way_there() -> None:
    text = "create table a ();\n-- down\ndrop tabel 'a;\n"
    both = migration(text, (text.index("-- down"), len(text)))
    assert [each.problem for each in both.up] == [None]
    assert [each.problem is None for each in both.down] == [False]


def test_a_comment_speaks_for_the_way_that_it_stands_in() -> None:
    text = "-- pgassay: allow r because x\ndrop table a;\n-- up\ncreate table a ();\n"
    (comment,) = migration(text, (0, text.index("-- up"))).script.allows
    assert comment.covers == range(1, 3)


def test_a_file_without_a_usable_text_says_why_on_its_first_line() -> None:
    (statement,) = migration("", unreadable="is not UTF-8 text").up
    assert statement.problem
    assert statement.problem.message == "is not UTF-8 text"
    assert statement.problem.location.start_line == 1
    assert statement.tree is None
