"""From a folder to rules: complete, or refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.catalogue.load import builtin_folder, builtin_rules, load_folder, load_rule
from pgassay.catalogue.query import PARAMETERS, compile_query
from pgassay.errors import CatalogueError
from pgassay.model import Evidence, Migration, Sections, Severity, Stage
from pgassay.sql import read

from .rules import CHECK, PAGE, QUERY, write_rule

CATALOG_PAGE = PAGE.replace("stage: static", "stage: catalog")


def refusal(folder: Path) -> str:
    with pytest.raises(CatalogueError) as refused:
        load_folder(folder)
    return str(refused.value).replace(str(folder), "rules")


class TestComplete:
    def test_a_rule_of_two_files(self, tmp_path: Path) -> None:
        (rule,) = load_folder(write_rule(tmp_path).parents[1])
        assert (rule.id, rule.group, rule.stage, rule.title) == ("blue_table", "colours", Stage.STATIC, "Blue table")
        assert (rule.severity, rule.severity_when_run_once) == (Severity.WARNING, Severity.WARNING)
        assert (rule.message, rule.seen) == ("The table `{table}` is blue.", "it has {columns}")
        assert rule.evidence is Evidence.TEXT
        assert rule.query is None
        assert rule.url is None
        assert rule.page == PAGE

    def test_a_catalog_rule_has_a_query(self, tmp_path: Path) -> None:
        rule = load_rule(write_rule(tmp_path, page=CATALOG_PAGE, check=QUERY))
        assert rule.query == compile_query(QUERY, "x.sql").text
        assert rule.check is None
        assert rule.evidence is Evidence.CATALOG

    def test_its_check_is_called_with_what_its_stage_gives(self, tmp_path: Path) -> None:
        rule = load_rule(write_rule(tmp_path))
        text = "create table a (); create table blue_b ();"
        migration = Migration("a.sql", None, "a", text, Sections(((0, len(text)),)), read)
        assert rule.check
        (match,) = (match for statement in migration.up for match in rule.check(statement, migration))
        assert match.facts == {"table": "blue_b", "columns": (), "better": "b"}
        assert match.at == migration.up[1].location

    def test_severities(self, tmp_path: Path) -> None:
        page = PAGE.replace("severity: warning", "severity: off\nseverity_when_run_once: error")
        rule = load_rule(write_rule(tmp_path, page=page))
        assert (rule.severity, rule.severity_when_run_once) == (None, Severity.ERROR)

    def test_rules_come_sorted_by_group_and_name(self, tmp_path: Path) -> None:
        for name in ("b/y", "a/z", "b/x"):
            write_rule(tmp_path, name)
        (tmp_path / "README.md").write_text("# An index, and no rule\n")
        assert [(rule.group, rule.id) for rule in load_folder(tmp_path)] == [("a", "z"), ("b", "x"), ("b", "y")]

    def test_a_byte_order_mark_and_line_ends_of_windows(self, tmp_path: Path) -> None:
        page = write_rule(tmp_path)
        page.write_bytes(b"\xef\xbb\xbf" + PAGE.replace("\n", "\r\n").encode())
        assert load_rule(page).title == "Blue table"

    def test_modules_are_imported_when_first_asked_and_not_to_list_them(self, tmp_path: Path) -> None:
        rule = load_rule(write_rule(tmp_path, check=CHECK + "\nraise RuntimeError('imported')\n"))
        assert rule.check
        with pytest.raises(CatalogueError, match=r"blue_table\.py: cannot be loaded: RuntimeError: imported\.$"):
            list(rule.check())


class TestRefused:
    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "x") == "rules: no such folder of rules; check `custom_rules` in pgassay.toml."

    def test_a_folder_without_rules(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == "rules: holds no rules; a rule is a page NAME.md with its check beside it."

    def test_a_check_without_a_page(self, tmp_path: Path) -> None:
        write_rule(tmp_path, page=None)
        assert refusal(tmp_path) == (
            "rules/colours/blue_table.py: a check without a page; write blue_table.md beside it."
        )

    @pytest.mark.parametrize(("page", "ending"), [(PAGE, "py"), (CATALOG_PAGE, "sql")])
    def test_a_page_without_its_check(self, tmp_path: Path, page: str, ending: str) -> None:
        write_rule(tmp_path, page=page, check=None)
        stage = "static" if ending == "py" else "catalog"
        assert refusal(tmp_path) == (
            f"rules/colours/blue_table.md: a {stage} rule needs its check in blue_table.{ending} beside the page."
        )

    def test_a_page_with_both_checks(self, tmp_path: Path) -> None:
        write_rule(tmp_path, sql=QUERY)
        assert refusal(tmp_path) == (
            "rules/colours/blue_table.sql: a static rule is checked by blue_table.py; remove one of the two."
        )

    def test_a_page_that_is_not_complete(self, tmp_path: Path) -> None:
        write_rule(tmp_path, page=PAGE.replace("# Blue table\n", ""))
        assert refusal(tmp_path).startswith("rules/colours/blue_table.md: no title; ")

    @pytest.mark.parametrize(("page", "check"), [(PAGE, CHECK), (CATALOG_PAGE, QUERY)])
    def test_a_fact_in_the_quote_that_the_check_never_gives(self, tmp_path: Path, page: str, check: str) -> None:
        write_rule(tmp_path, page=page.replace("it has {columns}", "it has {rows}"), check=check)
        assert refusal(tmp_path) == (
            "rules/colours/blue_table.md: the quote speaks of {rows}, which the check never gives; "
            "it gives better, columns, table."
        )

    def test_a_check_that_gives_no_facts(self, tmp_path: Path) -> None:
        write_rule(tmp_path, check="def check(statement, migration):\n    yield from ()\n")
        assert refusal(tmp_path).endswith("{better}, which the check never gives; it gives none.")

    def test_words_that_place_a_match_are_no_facts(self, tmp_path: Path) -> None:
        check = CHECK.replace("table=name", "table=name, subject='a', label='b', edit=None, related=()")
        write_rule(tmp_path, page=PAGE.replace("it has {columns}", "it has {label}"), check=check)
        assert "the quote speaks of {label}, which the check never gives" in refusal(tmp_path)

    def test_two_rules_of_one_name(self, tmp_path: Path) -> None:
        write_rule(tmp_path, "colours/blue")
        write_rule(tmp_path, "shades/blue")
        assert refusal(tmp_path) == "rules/shades/blue.md: another rule is called blue already; one name, one rule."

    @pytest.mark.parametrize(
        ("check", "sentence"),
        [
            ("def check(statement:\n", "rules/colours/blue_table.py:1: '(' was never closed."),
            ("x = 1\x00", "rules/colours/blue_table.py:1: source code string cannot contain null bytes."),
            (
                CHECK.replace("def check", "def chekc"),
                "rules/colours/blue_table.py: no function called check; CONTRIBUTING.md shows its signature.",
            ),
        ],
    )
    def test_python_that_is_no_check(self, tmp_path: Path, check: str, sentence: str) -> None:
        write_rule(tmp_path, check=check)
        assert refusal(tmp_path) == sentence

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("select 1,\n from", 'rules/colours/blue_table.sql:2: syntax error at or near "from".'),
            (
                "select c.oid as objid from pg_class c",
                "rules/colours/blue_table.sql: the first three columns must be classid, objid, objsubid; found objid.",
            ),
            (
                QUERY.replace("'blue%'", "any (:blues)"),
                f"rules/colours/blue_table.sql: unknown parameter :blues; there are {', '.join(PARAMETERS)}.",
            ),
        ],
    )
    def test_sql_that_is_no_query(self, tmp_path: Path, query: str, sentence: str) -> None:
        write_rule(tmp_path, page=CATALOG_PAGE, check=query)
        assert refusal(tmp_path) == sentence

    @pytest.mark.parametrize("ending", ["md", "py"])
    def test_a_file_that_is_no_text(self, tmp_path: Path, ending: str) -> None:
        write_rule(tmp_path).with_suffix(f".{ending}").write_bytes(b"\xff\xfe")
        assert refusal(tmp_path) == f"rules/colours/blue_table.{ending}: cannot be read as UTF-8 text; save it as such."


class TestCheckOfTheUser:
    """What goes wrong in a rule of the user's own names its line."""

    def test_an_error_while_it_runs(self, tmp_path: Path) -> None:
        check = CHECK.replace("    for name", "    statement['x']\n    for name")
        rule = load_rule(write_rule(tmp_path, check=check))
        assert rule.check
        with pytest.raises(CatalogueError) as refused:
            list(rule.check({}, None))
        assert str(refused.value).replace(str(tmp_path), "rules") == (
            "rules/colours/blue_table.py:8: KeyError: 'x'; correct the check."
        )

    def test_a_check_that_yields_nothing_at_all(self, tmp_path: Path) -> None:
        rule = load_rule(write_rule(tmp_path, check=CHECK.replace("yield Match", "Match")))
        text = "select 1"
        migration = Migration("a.sql", None, "a", text, Sections(((0, len(text)),)), read)
        assert rule.check
        with pytest.raises(CatalogueError, match=r"blue_table\.py:1: TypeError: .*; correct the check\.$"):
            list(rule.check(*migration.up, migration))

    def test_a_fault_in_ours_stays_what_it_is(self, tmp_path: Path) -> None:
        check = CHECK.replace("    for name", "    statement['x']\n    for name")
        (rule,) = load_folder(write_rule(tmp_path, check=check).parents[1], pages_url="https://example.com")
        assert rule.check
        with pytest.raises(KeyError):
            list(rule.check({}, None))


class TestBuiltin:
    def test_they_are_complete(self) -> None:
        rules = builtin_rules()
        assert len(rules) >= 13
        assert len({rule.id for rule in rules}) == len(rules)
        for rule in rules:
            assert (builtin_folder() / rule.group / f"{rule.id}.md").is_file()
            assert rule.url == f"https://github.com/pgassay/pgassay/blob/v1/rules/{rule.group}/{rule.id}.md"
