"""Spots and edits that rules share."""

from __future__ import annotations

import pytest

from pgassay.model import Edit, Location, ServerError
from pgassay.postgres.embedded import Embedded
from pgassay.sql import edits

from .spots import PATH, marked, only, parsed, unmarked


@pytest.mark.parametrize(
    "text",
    ["-- é\n  «create table t (» \n  a int);", "«select 1»;", "«do $$ begin»\r\nend $$;", " «select 'é'» -- x\n;"],
)
def test_first_line(text: str) -> None:
    sql = unmarked(text)
    assert marked(sql, edits.first_line(only(sql))) == text


class TestErrorLocation:
    """Where the server pointed, or what its message names."""

    @pytest.mark.parametrize(
        "text",
        [
            "select 'é', «nope» from pg_class",
            "select «a.nope» from pg_class a",
            "select\n  'é',\n  «\"No Pe\"» from pg_class",
            "create table t (a «nope.kind»)",
        ],
    )
    def test_a_position(self, text: str, server: Embedded, database: str) -> None:
        sql = unmarked(text)
        with server.connect(database) as session:
            error = session.run(sql).error
        assert error
        assert error.position is not None
        assert marked(sql, edits.error_location(only(sql), error)) == text

    @pytest.mark.parametrize(
        "text",
        [
            # not the t of the first word
            "alter table «t» add column a int",
            'alter table if exists b drop column x,\n add column a int; alter table «"gro ß"» add column a int',
            'drop table b, «"c d"»',
            "alter table b add column c int, drop column «d»",
            "comment on column b.«nope» is 'x'",
            "create policy p on «nope» using (true)",
            "alter table b add column n int, «add constraint b_pkey check (n > 0)»",
            "create table x (a int primary key, b int, c text «references b»)",
            "«drop function nope()»",
        ],
    )
    def test_a_name_in_the_message(self, text: str, server: Embedded, database: str) -> None:
        sql = unmarked(text)
        with server.connect(database) as session:
            session.run("create table b (id int primary key)")
            statements = parsed(sql)
            *_, error = [session.run(each.text).error for each in statements]
        assert error
        assert error.position is None
        assert marked(sql, edits.error_location(statements[-1], error)) == text

    def test_a_message_that_names_nothing(self) -> None:
        text = "«do $$ begin»\n perform 1;\nend $$"
        error = ServerError("XX000", "out of luck")
        assert marked(unmarked(text), edits.error_location(only(unmarked(text)), error)) == text

    def test_a_position_behind_the_end(self) -> None:
        error = ServerError("42601", "syntax error at end of input", position=8)
        assert marked("select 1", edits.error_location(only("select 1"), error)) == "«select 1»"


class TestInsertAfter:
    def edited(self, text: str, keyword: str = "INDEX", words: str = "concurrently") -> Edit | None:
        return edits.insert_after(parsed(text)[-1], text, keyword, words)

    def test_the_words_come_behind_the_keyword(self) -> None:
        assert self.edited("create index i on t (a);") == Edit(
            Location(PATH, 1, 1), "create index concurrently i on t (a);"
        )

    def test_the_rest_of_the_line_stays(self) -> None:
        edit = self.edited("select 'é'; /* 日本 */ create  index i on t (a); -- 日本 index\nselect 1")
        assert edit is None, "the last statement has no such word"
        edit = self.edited("-- one\nselect 'é'; /* 日本 */ create  index i on t (a); -- 日本 index")
        assert edit == Edit(
            Location(PATH, 2, 2), "select 'é'; /* 日本 */ create  index concurrently i on t (a); -- 日本 index"
        )

    def test_only_the_line_of_the_keyword_is_replaced(self) -> None:
        assert self.edited("create\n  index\n  i on t (a);\n") == Edit(Location(PATH, 2, 2), "  index concurrently")

    def test_a_suggestion_has_no_line_end_of_windows(self) -> None:
        assert self.edited("select 1;\r\ncreate index i\r\non t (a);\r\n") == Edit(
            Location(PATH, 2, 2), "create index concurrently i"
        )

    def test_capitals_follow_capitals(self) -> None:
        edit = self.edited("CREATE INDEX i ON t (a);")
        assert edit
        assert edit.replacement == "CREATE INDEX CONCURRENTLY i ON t (a);"

    def test_a_word_that_only_looks_like_the_keyword(self) -> None:
        edit = self.edited('create /* index */ unique index "index" on t (a);')
        assert edit
        assert edit.replacement == 'create /* index */ unique index concurrently "index" on t (a);'

    def test_a_statement_that_cannot_be_scanned_has_no_edit(self) -> None:
        assert self.edited("create index 'x") is None


def test_with_words_gives_the_whole_statement() -> None:
    statement = only("create unique index i\n  on t (a);")
    assert edits.with_words(statement, "INDEX", "concurrently") == "create unique index concurrently i\n  on t (a)"
    assert edits.with_words(only("CREATE INDEX i ON t (a)"), "INDEX", "if not exists") == (
        "CREATE INDEX IF NOT EXISTS i ON t (a)"
    )
    assert edits.with_words(statement, "TABLE", "if not exists") is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("create table if not exists t (a int);", "create table if not exists t"),
        ("  create or replace view v as select 1;", "create or replace view v"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1;", "CREATE OR REPLACE VIEW v"),
        ("create schema if not exists s;", "create schema if not exists s"),
        ("create table if not exists assets(id int)", "create table if not exists assets"),
    ],
)
def test_first_words(line: str, words: str) -> None:
    assert edits.first_words(line) == words
