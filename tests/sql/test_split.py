"""Text to statements: what counts as one, where it begins and ends, and what is said of a broken one."""

from __future__ import annotations

import pytest

from .spots import marked, only, parsed


def kinds(text: str) -> list[str]:
    return [statement.kind for statement in parsed(text)]


def texts(text: str) -> list[str]:
    """What the runner would be sent, broken statements in angle brackets."""
    return [f"<{each.text}>" if each.problem else each.text for each in parsed(text)]


def problems(text: str) -> list[str]:
    """The text once for each problem, with marks where it is said to be, and the parser's words."""
    return [f"{marked(text, each.problem.location)}: {each.problem.message}" for each in parsed(text) if each.problem]


class TestWhole:
    """A file that the grammar accepts is parsed in one go."""

    def test_statements_are_told_apart(self) -> None:
        assert texts("create table a ();\nselect 1; select 2") == ["create table a ()", "select 1", "select 2"]
        assert kinds("create table a ();\nselect 1") == ["CREATE TABLE", "SELECT"]

    @pytest.mark.parametrize(
        "text", ["", " \n\t\r\n\f\v", ";", ";;\n;", "-- only this\n", "/* and /* this */ */", "-- x"]
    )
    def test_a_file_may_hold_none(self, text: str) -> None:
        assert parsed(text) == ()

    def test_empty_statements_do_not_count(self) -> None:
        assert texts(";;select 1;;\n;select 2;;") == ["select 1", "select 2"]

    @pytest.mark.parametrize(
        "text",
        [
            "«select 1»;",
            "-- before\n«select 1» -- behind\n;",
            "/* a /* nested */ one */ «select 1» /* behind */ ;",
            "  \t«select 1»  ",
            "«select 1»",
            "«select 1»\n-- the end\n",
            "«select\n  1»;\n",
            "«select '-- no comment', 1»",
            "«select '/* none either', 1»;",
            "«select 1 /* within */ + 1»",
            "«select 1 -- within\n + 1»;",
        ],
    )
    def test_comments_around_a_statement_are_not_part_of_it(self, text: str) -> None:
        sql = text.replace("«", "").replace("»", "")
        statement = only(sql)
        assert marked(sql, statement.location) == text
        assert statement.text == text.partition("«")[2].partition("»")[0]

    def test_semicolons_in_quotes_and_bodies_end_nothing(self) -> None:
        bodies = [
            "select ';', E'\\';', U&';', \"a;b\" from t",
            "do $$ begin perform 1; end $$",
            "do $a$ begin execute $$select 1; select 2$$; end $a$",
            "create function f() returns int language sql begin atomic select 1; select case when true then 1 end; end",
            "create rule r as on insert to t do also (select 1; select 2)",
        ]
        assert texts(";\n".join(bodies)) == bodies

    def test_lines_and_columns_count_characters(self) -> None:
        text = "-- größe 日本 😀\nselect 'é'; /* 😀 */ select 'ü' as \"ö\";\nselect 3"
        assert [marked(text, each.location) for each in parsed(text)] == [
            "-- größe 日本 😀\n«select 'é'»; /* 😀 */ select 'ü' as \"ö\";\nselect 3",
            "-- größe 日本 😀\nselect 'é'; /* 😀 */ «select 'ü' as \"ö\"»;\nselect 3",
            "-- größe 日本 😀\nselect 'é'; /* 😀 */ select 'ü' as \"ö\";\n«select 3»",
        ]

    def test_line_ends_of_windows_stay_as_they_are(self) -> None:
        text = "select 1;\r\n-- é\r\nselect\r\n 2;\r\n"
        assert texts(text) == ["select 1", "select\r\n 2"]
        assert [(each.location.start_line, each.location.end_line) for each in parsed(text)] == [(1, 1), (3, 4)]

    def test_a_comment_ends_at_a_lone_carriage_return_as_it_does_for_the_server(self) -> None:
        assert texts("-- note\rselect 1;\rselect 2") == ["select 1", "select 2"]
        assert texts("-- note\rselect 1;\rselec 2") == ["select 1", "<selec 2>"]

    def test_a_long_chain_is_no_reason_to_give_up(self) -> None:
        """Each `||` is a level of the tree, and protocol buffers stop at 100 levels unless told otherwise."""
        chain = "select " + " || ".join(["'a'"] * 1000)
        assert texts(f"{chain}; select 2") == [chain, "select 2"]


class TestBroken:
    """A file that the grammar refuses is split by the scanner; one broken statement hides nothing."""

    def test_everything_around_a_broken_statement_is_read(self) -> None:
        text = "create table a ();\ncreat table b ();\ncreate table c ();\ndrop tabel a;"
        assert texts(text) == ["create table a ()", "<creat table b ()>", "create table c ()", "<drop tabel a>"]
        assert problems(text)[0] == (
            "create table a ();\n«creat» table b ();\ncreate table c ();\ndrop tabel a;: "
            'syntax error at or near "creat"'
        )

    def test_a_broken_statement_has_its_first_word_for_a_kind(self) -> None:
        assert kinds("creat table b (); select 1") == ["CREAT", "SELECT"]

    def test_statements_beside_it_have_the_same_text_as_in_a_file_that_is_whole(self) -> None:
        rest = "select 1 -- one\n; select 2 /* two */ ;\n-- three\nselect 3 -- three\n-- end"
        assert texts(f"selec 0;\n{rest}")[1:] == texts(rest) == ["select 1", "select 2", "select 3"]

    def test_the_problem_is_where_the_parser_stopped_in_characters(self) -> None:
        assert problems("select 'é'; -- 日本\nselect '😀' fro m;\n") == [
            "select 'é'; -- 日本\nselect '😀' fro «m»;\n: syntax error at or near \"m\""
        ]

    def test_a_statement_that_stops_too_early(self) -> None:
        assert problems("select 1;\ncreate table a") == ["select 1;\ncreate table «a»: syntax error at end of input"]

    def test_line_ends_of_windows(self) -> None:
        assert texts("select 1;\r\nselec\r\n 2;\r\nselect 3;\r\n") == ["select 1", "<selec\r\n 2>", "select 3"]

    def test_parentheses_that_do_not_add_up(self) -> None:
        assert texts("create table a (x int;\ncreate table b ();\nselect 1;") == [
            "<create table a (x int>",
            "create table b ()",
            "select 1",
        ]
        assert texts("create table a (x int));\ncreate table b ();") == [
            "<create table a (x int))>",
            "create table b ()",
        ]

    def test_a_body_of_statements_stays_whole_beside_a_broken_one(self) -> None:
        function = "create function f() returns int begin atomic select 1; select case when true then 1 end; end"
        rule = "create rule r as on insert to t do also (select 1; select 2)"
        block = "do $a$ begin execute $$select 1; select 2$$; end $a$"
        assert texts(f"{function};\n{rule};\n{block};\nselec 1;") == [function, rule, block, "<selec 1>"]

    @pytest.mark.parametrize("word", ["1abc", "2é", "0x", '""', "+-" * 50 + "@", "{", "{a: 1}"])
    def test_a_word_that_not_even_the_scanner_accepts(self, word: str) -> None:
        text = f"create table a ();\nselect 1, {word};\ncreate table b ();"
        assert texts(text) == ["create table a ()", f"<select 1, {word}>", "create table b ()"]

    @pytest.mark.parametrize("space", ["\u00a0", "\u200b", "\u2028", "\ufeff"])
    def test_a_space_that_the_server_takes_for_a_letter(self, space: str) -> None:
        """Copied from a web page; it looks like nothing at all."""
        assert texts(f"select 1;\n{space}select 2;\nselect 3;") == ["select 1", f"<{space}select 2>", "select 3"]
        assert texts(f"select 1;\nselect x{space};\nselect 3;")[2:] == ["select 3"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("select 1;\nselect «'»abc;\nselect 2;\n", "unterminated quoted string"),
            ('select 1;\nselect «"»abc;\nselect 2;\n', "unterminated quoted identifier"),
            ("select 1;\nselect «$»$abc;\nselect 2;\n", "unterminated dollar-quoted string"),
            ("select 1;\n«/»* abc;\nselect 2;\n", "unterminated /* comment"),
            ("select 1;\n«/»* /* abc */;\nselect 2;\n", "unterminated /* comment"),
            ("select 1;\nselect 2 «/»* abc;\nselect 2;\n", "unterminated /* comment"),
        ],
    )
    def test_a_quote_that_is_never_closed_takes_the_rest_of_the_file_and_says_so(self, text: str, message: str) -> None:
        sql = text.replace("«", "").replace("»", "")
        assert texts(sql) == ["select 1", f"<{sql.rstrip().partition(chr(10))[2]}>"]
        assert [problem.partition(": unterminated")[0] for problem in problems(sql)] == [text]
        assert message in problems(sql)[0]

    @pytest.mark.parametrize(
        "text",
        [
            "# Title\n\nHello; this is text.\nMore; and more.\n",
            "```sql\nselect 1;\n```\n",
            "\\copyright (c) nobody;\nand more; of it",
        ],
    )
    def test_a_file_that_is_no_sql_is_one_problem(self, text: str) -> None:
        own = [each for each in parsed(text) if each.problem and not each.problem.only_psql]
        assert len(own) == 1

    def test_and_says_so(self) -> None:
        (problem,) = problems("# Title\n\nHello; this is text.\n")
        assert problem.startswith("«#» Title")
        assert problem.endswith('no statement of this file is PostgreSQL: syntax error at or near "#"')


class TestTornBodies:
    """A wrong quote tears a function body at its semicolons: one problem, and nothing of its inside is a statement."""

    AFTER = "\ncreate table b ();\nselect 1;"

    @pytest.mark.parametrize(
        "torn",
        [
            # a quote within a quoted body
            "create function f() returns void language plpgsql as '\nbegin\n  insert into a values ('x');\n"
            "  delete from a;\n  drop table a;\nend;\n';",
            # the same dollar quote twice
            "create or replace function f() returns void as $$\nbegin\n  execute $$select 1; delete from a;$$;\n"
            "  delete from b;\nend;\n$$ language plpgsql;",
            # no quotes at all
            "create procedure f() as\nbegin\n  insert into a values (1);\n  delete from a;\nend;\nlanguage plpgsql;",
            "do\nbegin\n  delete from a;\n  drop table a;\nend;",
            # at the start of their lines
            "create function f() returns void as '\nbegin\ninsert into a values ('x');\ndelete from a;\nend;\n'"
            " language plpgsql;",
        ],
    )
    def test_is_one_problem(self, torn: str) -> None:
        assert texts(f"create table a ();\n{torn}{self.AFTER}") == [
            "create table a ()",
            f"<{torn.removesuffix(';')}>",
            "create table b ()",
            "select 1",
        ]

    def test_never_closed_it_takes_the_rest(self) -> None:
        torn = "do $$ begin null; end $;"
        assert texts(f"create table a ();\n{torn}{self.AFTER}")[1:] == [f"<{torn}{self.AFTER.removesuffix(';')};>"]

    @pytest.mark.parametrize(
        "broken",
        [
            "create function f() returns void lenguage sql as $$ select 1; select 2; $$",
            "create function f() returns void as $$ select 1; $$ language sql imutable",
            "create function f(a int b int) returns void language sql as 'select 1; select 2'",
            "do langage plpgsql $$ begin null; end $$",
        ],
    )
    def test_a_function_that_is_wrong_elsewhere_is_not_torn(self, broken: str) -> None:
        assert texts(f"{broken};\ninsert into a values (1);\nselect 1;") == [
            f"<{broken}>",
            "insert into a values (1)",
            "select 1",
        ]


class TestOnlyPsql:
    """What psql keeps for itself no server is ever sent; it is named, and everything around it is read."""

    def only_psql(self, text: str) -> list[str]:
        return [each.text for each in parsed(text) if each.problem and each.problem.only_psql]

    def test_meta_commands(self) -> None:
        text = "\\set x 1\nselect 1;\n\\echo it's done\nselect 'a';\n\\! ls\n"
        assert self.only_psql(text) == ["\\set x 1", "\\echo it's done", "\\! ls"]
        assert [each for each in texts(text) if each[0] != "<"] == ["select 1", "select 'a'"]
        assert problems(text)[1].endswith("a psql meta-command, which no server understands")

    def test_rows_of_copy(self) -> None:
        text = (
            "copy a (x, y) from stdin;\n1\tfoo;bar\n2\tit's\n\\.\n\n"
            "COPY b FROM stdin WITH (delimiter ';');\n\\.\nselect 1;"
        )
        assert self.only_psql(text) == ["1\tfoo;bar\n2\tit's\n\\.", "\\."]
        assert kinds(text) == ["COPY", "1", "COPY", "", "SELECT"]
        assert problems(text)[0].endswith("rows of COPY FROM stdin, which only psql sends")

    @pytest.mark.parametrize("row", ["-- it's a row", "/* x", "\\N", "select 1; select 2;", "  "])
    def test_rows_may_look_like_anything(self, row: str) -> None:
        text = f"copy a from stdin;\n{row}\n\\.\r\nselect 1;"
        assert texts(text) == ["copy a from stdin", f"<{row}\n\\.>", "select 1"]

    @pytest.mark.parametrize(
        "text",
        [
            "insert into t values ('\n\\d foo\n')",
            "do $$\nbegin\n\\d foo;\nend $$",
            "select 1 /*\n\\d foo\n*/ + 1",
            'create table "\n\\x" ()',
            "select '\ncopy a from stdin;\n\\.\n'",
        ],
    )
    def test_a_backslash_in_a_quote_or_comment_is_no_command(self, text: str) -> None:
        assert texts(f"{text};\nselec 1;\n\\echo\n") == [text, "<selec 1>", "<\\echo>"]

    def test_broken_statements_beside_them_are_told_one_by_one(self) -> None:
        assert texts("\\i a.sql\nselec 1;\nselec 2;") == ["<\\i a.sql>", "<selec 1>", "<selec 2>"]

    def test_a_file_of_nothing_else(self) -> None:
        assert self.only_psql("\\i other.sql\n\\i more.sql\n") == ["\\i other.sql", "\\i more.sql"]
