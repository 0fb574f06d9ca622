from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgassay.errors import UsageError
from pgassay.history.layouts import LAYOUTS, NESTED, PLAIN, SUPABASE, Arrangement, Layout, layout_of, named
from pgassay.model import Mode


def order(arrangement: Arrangement) -> list[str]:
    return [entry.file for entry in arrangement.entries]


def skipped(arrangement: Arrangement) -> dict[str, str]:
    return {each.file: each.kind for each in arrangement.skipped}


@pytest.mark.parametrize(
    ("folder", "file", "layout"),
    [
        ("/home/a/project/supabase/migrations", "1_a.sql", SUPABASE),
        ("/supabase/migrations", "1_a/migration.sql", SUPABASE),
        ("/home/supabase/db/migrations", "1_a.sql", PLAIN),
        ("/home/a/my-supabase/migrations", "1_a.sql", PLAIN),
        ("/home/a/prisma/migrations", "1_a/migration.sql", NESTED),
        ("/home/a/migrations", "1_a/up.sql", NESTED),
        ("/home/a/migrations", "archive/old/up.sql", PLAIN),
    ],
)
def test_place_and_files_of_a_folder_tell_its_layout(folder: str, file: str, layout: Layout) -> None:
    assert layout_of(folder, [file]) is layout


def test_a_folder_with_files_of_its_own_is_none_of_folders() -> None:
    assert layout_of("/home/a/migrations", ["001_a.sql", "old/migration.sql"]) is PLAIN


def test_an_unknown_layout_names_those_that_are_known() -> None:
    with pytest.raises(UsageError, match=r'layout = "flywya".*supabase, nested or plain'):
        named("flywya")
    assert [named(layout.name) for layout in LAYOUTS] == list(LAYOUTS)


class TestNested:
    def test_prisma_runs_in_the_order_of_the_names(self) -> None:
        files = ["20240102_b/migration.sql", "20240101_a/migration.sql", "0_init/migration.sql", "README.md"]
        arranged = NESTED.arrange(files)
        assert order(arranged) == ["0_init/migration.sql", "20240101_a/migration.sql", "20240102_b/migration.sql"]
        assert [(each.version, each.name) for each in arranged.entries[:2]] == [("0", "init"), ("20240101", "a")]
        assert arranged.skipped == ()

    def test_diesel_has_its_ways_back_beside(self) -> None:
        files = ["10_b/up.sql", "9_a/up.sql", "9_a/down.sql"]
        arranged = NESTED.arrange(files)
        assert [(each.file, each.down_file) for each in arranged.entries] == [
            ("9_a/up.sql", "9_a/down.sql"),
            ("10_b/up.sql", None),
        ]
        assert arranged.skipped == ()

    def test_what_has_another_name_is_told(self) -> None:
        files = ["1_a/migration.sql", "1_a/seed.sql", "2_b.sql", "3_c/down.sql"]
        assert skipped(NESTED.arrange(files)) == {
            "1_a/seed.sql": "subfolder",
            "2_b.sql": "name",
            "3_c/down.sql": "subfolder",
        }

    @pytest.mark.parametrize(
        ("file", "text", "runner", "mode"),
        [
            ("1_a/migration.sql", "select 1;", "prisma", Mode.MESSAGE),
            ("1_a/migration.sql", "select 1;--> statement-breakpoint\nselect 2;", "drizzle", Mode.BATCHES),
            ("1_a/up.sql", "select 1;", "diesel", Mode.MESSAGE),
        ],
    )
    def test_how_a_file_is_run(self, file: str, text: str, runner: str, mode: Mode) -> None:
        shape = NESTED.shape(file, text)
        assert (shape.runner, shape.mode) == (runner, mode)


class TestSupabase:
    def test_order_is_that_of_the_names_and_not_of_the_numbers(self) -> None:
        files = ["20250101000000_b.sql", "0035_a.sql", "9_z.sql", "20241231_c.sql"]
        assert order(SUPABASE.arrange(files)) == ["0035_a.sql", "20241231_c.sql", "20250101000000_b.sql", "9_z.sql"]

    def test_version_is_the_digits(self) -> None:
        (entry,) = SUPABASE.arrange(["20250101000000_add_users.sql"]).entries
        assert (entry.version, entry.name) == ("20250101000000", "add_users")

    def test_what_the_cli_skips_is_left_out(self) -> None:
        files = ["1_a.sql", "2025-08-29_b.sql", "20250923b_c.sql", "d.sql", "5_e.SQL", "6_f.ts", "marketing/7_g.sql"]
        arranged = SUPABASE.arrange(files)
        assert order(arranged) == ["1_a.sql"]
        assert skipped(arranged) == {
            "2025-08-29_b.sql": "name",
            "20250923b_c.sql": "name",
            "d.sql": "name",
            "5_e.SQL": "name",
            "6_f.ts": "name",
            "marketing/7_g.sql": "subfolder",
        }

    def test_readme_and_the_like_are_no_matter(self) -> None:
        assert skipped(SUPABASE.arrange([".gitkeep", "README.md", "1_a.sql", "sub/notes.md"])) == {}

    def test_an_init_file_of_an_old_cli_is_skipped_when_it_comes_first(self) -> None:
        assert skipped(SUPABASE.arrange(["20210101000000_init.sql", "20220101000000_a.sql"])) == {
            "20210101000000_init.sql": "name"
        }
        assert skipped(SUPABASE.arrange(["20220101000000_init.sql"])) == {}

    def test_the_cli_runs_a_down_file_like_any_other(self) -> None:
        assert order(SUPABASE.arrange(["1_a.down.sql", "1_a.up.sql"])) == ["1_a.down.sql", "1_a.up.sql"]

    def test_every_file_is_run_whole_and_once(self) -> None:
        shape = SUPABASE.shape("1_a.sql", "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n")
        assert shape.sections.down == ()
        assert shape.mode is Mode.BATCHES
        assert shape.runner == "supabase"


class TestPlain:
    def test_numbers_are_compared_as_numbers(self) -> None:
        assert order(PLAIN.arrange(["10_c.sql", "2_b.sql", "1_a.sql", "2_a.sql"])) == [
            "1_a.sql",
            "2_a.sql",
            "2_b.sql",
            "10_c.sql",
        ]

    def test_a_v_before_the_number_is_no_matter(self) -> None:
        assert order(PLAIN.arrange(["V10__c.sql", "V2__b.sql", "V1.5__a.sql"])) == [
            "V1.5__a.sql",
            "V2__b.sql",
            "V10__c.sql",
        ]

    def test_names_without_a_number_come_last_by_name(self) -> None:
        assert order(PLAIN.arrange(["views.sql", "10_b.sql", "functions.sql", "9_a.sql"])) == [
            "9_a.sql",
            "10_b.sql",
            "functions.sql",
            "views.sql",
        ]

    def test_subfolders_and_other_languages_are_left_out(self) -> None:
        arranged = PLAIN.arrange(["1_a.sql", "2_b.go", "3_c.js", "4_d.sql.bak", "old/0_z.sql", "meta/0_x.json"])
        assert order(arranged) == ["1_a.sql"]
        assert skipped(arranged) == {
            "2_b.go": "no_sql",
            "3_c.js": "no_sql",
            "4_d.sql.bak": "no_sql",
            "old/0_z.sql": "subfolder",
        }

    def test_the_way_back_is_no_migration(self) -> None:
        arranged = PLAIN.arrange(["1_a.up.sql", "1_a.down.sql", "2_b.sql", "2_b_rollback.sql"])
        assert order(arranged) == ["1_a.up.sql", "2_b.sql"]
        assert skipped(arranged) == {"2_b_rollback.sql": "down"}

    def test_a_way_back_from_nothing_is_named(self) -> None:
        assert skipped(PLAIN.arrange(["1_a.sql", "2_b.down.sql"])) == {"2_b.down.sql": "down"}

    def test_a_pair_is_run_by_a_tool_and_a_lone_file_by_hand(self) -> None:
        assert PLAIN.shape("1_a.up.sql", "select 1;").runner == "golang-migrate"
        assert PLAIN.shape("1_a.sql", "select 1;").runner is None
        assert PLAIN.shape("1_a.sql", "-- +goose Up\nselect 1;").runner == "goose"
        assert PLAIN.shape("1_a.sql", "select 1;--> statement-breakpoint\nselect 2;").runner == "drizzle"


few = settings(max_examples=40)
names = st.from_regex(r"(?:V?[0-9]{1,4}[a-z]?[_.-]{1,2})?[a-z]{1,3}\.(?:sql|up\.sql|go|md)", fullmatch=True)
folders = st.sets(st.one_of(names, names.map("sub/{}".format)), max_size=12)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@few
@given(files=folders, seed=st.integers())
def test_the_order_does_not_depend_on_the_listing(layout: Layout, files: set[str], seed: int) -> None:
    shuffled = sorted(files)
    random.Random(seed).shuffle(shuffled)
    assert layout.arrange(shuffled) == layout.arrange(sorted(files))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@few
@given(files=folders)
def test_every_sql_file_runs_once_or_is_left_out(layout: Layout, files: set[str]) -> None:
    arranged = layout.arrange(files)
    told = [*order(arranged), *(each.file for each in arranged.skipped)]
    assert len(told) == len(set(told))
    assert {file for file in files if file.endswith(".sql")} <= set(told) <= files


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@few
@given(files=folders, other=names)
def test_a_new_file_does_not_reorder_the_others(layout: Layout, files: set[str], other: str) -> None:
    before, after = order(layout.arrange(files)), order(layout.arrange({*files, other}))
    assert [file for file in after if file != other or file in files] == before


@pytest.mark.parametrize("file", ["000_combined.sql", "consolidated_schema.sql", "apply_all_pending.sql"])
def test_all_migrations_once_more_in_one_file_are_not_run(file: str) -> None:
    found = PLAIN.arrange([file, "001_users.sql", "002_combined_search_index.sql"])
    assert skipped(found) == {file: "bundle"}
    assert order(found) == ["001_users.sql", "002_combined_search_index.sql"]
    assert order(PLAIN.arrange([file, "001_users.sql"])) != ["001_users.sql"]
