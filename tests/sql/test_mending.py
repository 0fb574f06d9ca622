"""Edits that a catalog rule gives as words."""

from __future__ import annotations

import pytest

from pgassay.model import Edit, Location
from pgassay.sql import mending

from .spots import PATH, parsed, unmarked


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("create table t (a int);\n", Edit(Location(PATH, 1, 1), "create table t (a int);\nselect 1;")),
        ("create table t (\n  a int\n);", Edit(Location(PATH, 3, 3), ");\nselect 1;")),
        ("  create table t (\n    a int\n  ) ; -- x\r\n", Edit(Location(PATH, 3, 3), "  ) ; -- x\n  select 1;")),
        ("create table t (a int); create table u (b int);", None),
        ("create table t (a int)", None),
    ],
)
def test_a_statement_is_appended_on_a_line_of_its_own(file: str, expected: Edit | None) -> None:
    assert mending.append(parsed(file)[0], file, "select 1;") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("create table t (\n  a int references u «on delete cascade», b int);", "  a int references u no, b int);"),
        ("CREATE TABLE t (a int REFERENCES u «ON  DELETE CASCADE»);", "CREATE TABLE t (a int REFERENCES u NO);"),
        ("create table t (a int references u «on delete restrict»);", None),
        ("create table t (a int references u «on delete\n cascade»);", None),
    ],
)
def test_words_are_replaced_where_they_stand(text: str, expected: str | None) -> None:
    file = unmarked(text)
    start, end = text.index("«"), text.index("»") - 1
    first, last = (file.count("\n", 0, offset) + 1 for offset in (start, end))
    columns = (offset - file.rfind("\n", 0, offset) for offset in (start, end))
    location = Location(PATH, first, last, *columns)
    edit = mending.replace(parsed(file)[0], file, location, "ON DELETE CASCADE", "no")
    assert (edit and edit.replacement) == expected
