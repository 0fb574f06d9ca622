"""The examples of a page as files, and the lines of them that must be reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.catalogue.examples import Case, cases
from pgassay.catalogue.load import load_rule

from .rules import PAGE, write_rule

BASE = "supabase/migrations/20250101000000_base.sql"
CHANGE = "supabase/migrations/20260101000000_change.sql"
GOOD = "```sql good\nselect 1;\n```\n"


class Examples:
    """The cases of a page that is complete but for these blocks."""

    def __init__(self, folder: Path, blocks: str, layout: str) -> None:
        front, _, _ = PAGE.partition("```")
        self.page = front.replace("\n---\n#", f"\nlayout: {layout}\n---\n#") + blocks + GOOD
        rule = load_rule(write_rule(folder, page=self.page))
        *self.cases, self.good = cases(rule)

    @property
    def only(self) -> Case:
        (case,) = self.cases
        return case

    def flagged_lines(self) -> list[str]:
        """The page's own lines that are to be reported."""
        lines = self.page.split("\n")
        return [lines[case.in_page(place) - 1] for case in self.cases for place in sorted(case.flagged)]


def read(folder: Path, blocks: str, layout: str = "supabase") -> Examples:
    return Examples(folder, blocks, layout)


def test_a_block_is_one_new_migration(tmp_path: Path) -> None:
    examples = read(tmp_path, "```sql bad\nselect 1;\nselect 2;  -- flagged\n```\n")
    assert examples.only.folder == "supabase/migrations"
    assert examples.only.merged == {}
    assert examples.only.current == {CHANGE: "select 1;\nselect 2;\n"}
    assert examples.only.flagged == {(CHANGE, 2)}
    assert examples.good.flagged == frozenset()


def test_the_plain_layout_has_names_of_its_own(tmp_path: Path) -> None:
    blocks = "```sql base\nselect 0;\n```\n```sql bad\nselect 1; -- flagged\n```\n"
    case = read(tmp_path, blocks, "plain").only
    assert case.merged == {"migrations/0001_base.sql": "select 0;\n"}
    assert case.current == {"migrations/0001_base.sql": "select 0;\n", "migrations/0002_change.sql": "select 1;\n"}


@pytest.mark.parametrize("mark", ["-- flagged", "  -- flagged", "\t-- flagged  "])
def test_the_mark_is_not_part_of_the_file(tmp_path: Path, mark: str) -> None:
    examples = read(tmp_path, f"```sql bad\n-- a note{mark}\nselect 1;\n```\n")
    assert examples.only.current == {CHANGE: "-- a note\nselect 1;\n"}
    assert examples.flagged_lines() == [f"-- a note{mark}"]


def test_base_blocks_above_an_example_are_merged_one_below_the_other(tmp_path: Path) -> None:
    examples = read(
        tmp_path,
        "```sql base\ncreate table a ();\n```\n"
        "```sql bad\ndrop table a; -- flagged\n```\n"
        "```sql base\ncreate table b ();\n```\n"
        "```sql bad\ndrop table b; -- flagged\n```\n",
    )
    first, second = examples.cases
    assert first.merged == {BASE: "create table a ();\n"}
    assert second.merged == {BASE: "create table a ();\ncreate table b ();\n"}
    assert second.current == second.merged | {CHANGE: "drop table b;\n"}
    assert examples.good.merged == second.merged


def test_file_lines_begin_another_migration(tmp_path: Path) -> None:
    examples = read(
        tmp_path,
        "```sql bad\n"
        "select 1;\n"
        "-- file: 20260102000000_two.sql\n"
        "select 2;\n"
        "select 3;  -- flagged\n"
        "\n"
        "-- file: 20260103000000_three.sql  -- flagged\n"
        "select 4;\n"
        "```\n",
    )
    folder = examples.only.folder
    assert examples.only.current == {
        CHANGE: "select 1;\n",
        f"{folder}/20260102000000_two.sql": "select 2;\nselect 3;\n\n",
        f"{folder}/20260103000000_three.sql": "select 4;\n",
    }
    assert examples.only.flagged == {
        (f"{folder}/20260102000000_two.sql", 2),
        (f"{folder}/20260103000000_three.sql", 1),
    }
    assert examples.flagged_lines() == ["select 3;  -- flagged", "select 4;"]


def test_a_block_may_begin_with_a_name(tmp_path: Path) -> None:
    examples = read(tmp_path, "```sql bad\n-- file: 7.sql\nselect 1; -- flagged\n```\n")
    assert list(examples.only.current) == ["supabase/migrations/7.sql"]
    assert examples.flagged_lines() == ["select 1; -- flagged"]


def test_a_merged_file_can_be_edited(tmp_path: Path) -> None:
    examples = read(
        tmp_path,
        "```sql base\n-- file: 1_a.sql\nselect 1;\n```\n```sql bad\n-- file: 1_a.sql\nselect 2; -- flagged\n```\n",
    )
    path = "supabase/migrations/1_a.sql"
    assert examples.only.merged == {path: "select 1;\n"}
    assert examples.only.current == {path: "select 2;\n"}


def test_code_of_an_application_is_no_migration(tmp_path: Path) -> None:
    code = "```ts bad\nfrom('a') // flagged\n```\n"
    first, second = read(tmp_path, f"{code}```sql bad\nselect 1; -- flagged\n```\n").cases
    assert first.code == {"src/example.ts": "from('a')\n"}
    assert first.flagged == {("src/example.ts", 1)}
    assert first.current == {}
    assert (second.current, second.code) == ({CHANGE: "select 1;\n"}, {})
