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


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "create policy p on t using (a = auth.uid()); -- auth.uid()",
            "create policy p on t using (a = (select auth.uid())); -- auth.uid()",
        ),
        (
            'select 1; create policy p on t using ("auth" . uid ( ) = a or (select auth.uid()) = b);\r\n',
            'select 1; create policy p on t using ((select "auth" . uid ( )) = a or (select auth.uid()) = b);',
        ),
        (
            "create policy é on t using (a = /* auth.uid() */\n auth.uid())\n with check (true);",
            " (select auth.uid()))",
        ),
        (
            "create policy p on t using (\n  auth.uid() = a\n) with check (\n  b = auth.uid()\n);",
            "  (select auth.uid()) = a\n) with check (\n  b = (select auth.uid())",
        ),
        ("create policy p on t using (other.auth.uid() = a);", None),
        ("create policy p on t using ((select (auth.uid())) = a and b = 'auth.uid()');", None),
        ("create policy p on t using (mine(a));", None),
    ],
)
def test_calls_get_a_select_of_their_own(file: str, expected: str | None) -> None:
    statement = parsed(file)[-1]
    edit = mending.wrap(statement, file, ["auth.uid"])
    assert (edit and edit.replacement) == expected
    if edit:
        lines = file.split("\n")
        assert edit.location.lines == range(edit.location.start_line, edit.location.end_line + 1)
        assert len(lines[edit.location.start_line - 1 : edit.location.end_line]) == edit.replacement.count("\n") + 1


def test_calls_are_wrapped_all_or_none() -> None:
    file = "create policy p on t using (a = auth.uid() and b = current_setting(concat('a', '.b'), true)::int);"
    edit = mending.wrap(parsed(file)[0], file, ["auth.uid", "current_setting"])
    assert edit
    assert "(select current_setting(concat('a', '.b'), true))::int" in edit.replacement
    assert mending.wrap(parsed(file)[0], file, ["auth.uid", "auth.jwt"]) is None
