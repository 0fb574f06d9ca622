"""Offsets, lines and columns, for files nobody would write by hand."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pgassay.model import Location, Migration, Sections
from pgassay.sql import read
from pgassay.sql.positions import Lines, tree_offset, within

from .spots import PATH, marked, only, parsed

WHOLE = (
    "select 1",
    "select 'ä;\n日本', \"😀\" from t",
    "create table größe (id int,\n  x text /* ; é */ default ';')",
    "do $é$ begin\n  perform 1;\nend $é$",
    "create function f() returns int begin atomic select 1; select 2; end",
    "insert into t values (E'\\';', $$;$$)",
)
BROKEN = ("creat table x", "select 1é", "select fro m 'ü'", "drop table a, where", "select )")
BETWEEN = (" ", "\n", "\r\n", "\t\f", "-- 日本; 'é\n", "/* ü ; ' /* 😀 */ ; */", ";")

gaps = st.lists(st.sampled_from(BETWEEN), max_size=4).map("".join)


@st.composite
def files(draw: st.DrawFn, pieces: tuple[str, ...] = WHOLE + BROKEN) -> tuple[str, list[str]]:
    """A file, and the statements of which it is made."""
    statements = draw(st.lists(st.sampled_from(pieces), max_size=6))
    return draw(gaps) + "".join(piece + ";" + draw(gaps) for piece in statements), statements


@given(files())
def test_a_statement_is_where_it_says(made: tuple[str, list[str]]) -> None:
    text, _ = made
    for statement in parsed(text):
        end = statement.start + len(statement.text)
        assert text[statement.start : end] == statement.text
        assert marked(text, statement.location) == f"{text[: statement.start]}«{statement.text}»{text[end:]}"
        assert not statement.text[0].isspace()
        assert not statement.text[-1].isspace()


@given(files())
def test_statements_come_in_order_and_nothing_is_left_between_them(made: tuple[str, list[str]]) -> None:
    text, _ = made
    spans = [(each.start, each.start + len(each.text)) for each in parsed(text)]
    edges = [(0, 0), *spans, (len(text), len(text))]
    for (_, left), (right, _) in pairwise(edges):
        assert left <= right
        assert re.sub(r"--[^\n]*|/\*.*?\*/ ; \*/|[\s;]", "", text[left:right], flags=re.S) == ""


@given(files())
def test_every_statement_is_found_and_judged_by_itself(made: tuple[str, list[str]]) -> None:
    text, statements = made
    if not any(piece in WHOLE for piece in statements):
        return  # nothing of it is SQL, which is said once
    found = parsed(text)
    assert [each.text for each in found if not each.problem] == [piece for piece in statements if piece in WHOLE]
    # An indented broken statement behind another one is taken for a piece of it.
    broken = "".join(each.text for each in found if each.problem)
    assert all(piece in broken for piece in statements if piece in BROKEN)


@given(files())
def test_a_location_of_a_tree_is_where_the_text_says(made: tuple[str, list[str]]) -> None:
    for statement in parsed(made[0]):
        if statement.kind == "CREATE TABLE":
            assert statement.text[tree_offset(statement, statement.tree.relation.location) :].startswith("größe")
            first, second = (element.column_def for element in statement.tree.table_elts)
            assert statement.text[tree_offset(statement, first.location) :].startswith("id int")
            assert statement.text[tree_offset(statement, second.location) :].startswith("x text")


@given(st.text("ab ;'é日😀\r\n\f\\-/*$", max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    for statement in parsed(text):
        assert statement.text
        assert 1 <= statement.location.start_line <= statement.location.end_line <= text.count("\n") + 1
        assert statement.tree is not None or statement.problem is not None


@given(files(WHOLE), files(), files(WHOLE))
def test_blanking_the_other_sections_keeps_every_offset(
    first: tuple[str, list[str]], second: tuple[str, list[str]], third: tuple[str, list[str]]
) -> None:
    above, middle, below = first[0] + "\n", second[0] + "\n", third[0]
    text = above + middle + below
    start, end = len(above), len(above + middle)
    sections = Sections(up=((0, start), (end, len(text))), down=((start, end),))
    script = read(Migration(PATH, None, "a", text, sections, read))
    assert [each.text for each in script.up] == first[1] + third[1]
    assert [each.text for each in script.down] == [each.text for each in parsed(middle)]
    for statement in (*script.up, *script.down):
        before = text[: statement.start]
        assert marked(text, statement.location).startswith(f"{before}«{statement.text}»")


@given(st.text("ab\n\ré😀", max_size=30), st.data())
def test_lines_are_those_that_an_editor_shows(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start + 1, len(text) + 1))
    location = Lines(PATH, text + "x").location(start, end)
    assert location.start_line == text.count("\n", 0, start) + 1
    assert location.end_line == text.count("\n", 0, end - 1) + 1
    assert location.start_column == start - (text.rfind("\n", 0, start) + 1) + 1
    assert location.end_column == end - (text.rfind("\n", 0, end - 1) + 1) + 1


def test_a_place_within_a_statement_is_a_place_in_its_file() -> None:
    text = "-- é\n  select 'é',\n    x;"
    statement = only(text)
    assert within(statement, 0, 6) == Location(PATH, 2, 2, 3, 9)
    assert within(statement, 7, 10) == Location(PATH, 2, 2, 10, 13)
    assert marked(text, within(statement, statement.text.index("x"), len(statement.text))).endswith("    «x»;")
    assert marked(text, within(statement, 7, len(statement.text))) == "-- é\n  select «'é',\n    x»;"
    assert within(statement, 7, 7) == within(statement, 7, 8), "nowhere is one character wide"
