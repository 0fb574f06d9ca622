"""`discover` on real repositories and folders, one behaviour per test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pgassay.errors import UsageError
from pgassay.history import find_base
from pgassay.history.text import LARGEST
from pgassay.model import Change, History, LeftOut, Location, Mode

from .project import Project, Repository, paths

A, B, C = "migrations/1_a.sql", "migrations/2_b.sql", "migrations/3_c.sql"
MERGED = {A: "create table a ();\n", B: "create table b ();\ncreate table bb ();\n"}


@pytest.fixture
def change(repository: Repository) -> Repository:
    """On a branch of its own, with two migrations on main."""
    repository.commit(MERGED)
    repository.branch("feature")
    return repository


def changes(history: History) -> list[tuple[str, str, str, int]]:
    return [(each.kind, each.path, each.location.path, each.location.start_line) for each in history.changed]


def left_out(history: History) -> dict[str, str]:
    return {each.what: each.why for each in history.left_out}


class TestProposed:
    def test_a_committed_file_is_proposed(self, change: Repository) -> None:
        change.commit({C: "create table c ();\n"})
        history = change.discover()
        assert paths(history.base) == [A, B]
        assert paths(history.proposed) == [C]
        assert history.base_ref == "main"
        assert history.changed == ()

    @pytest.mark.parametrize("staged", [True, False])
    def test_so_is_one_that_is_not_committed_yet(self, change: Repository, staged: bool) -> None:
        change.write({C: ""})
        if staged:
            change.git("add", C)
        assert paths(change.discover().proposed) == [C]

    def test_but_not_one_that_git_ignores(self, change: Repository) -> None:
        change.write({".gitignore": "*_c.sql\n", C: ""})
        history = change.discover()
        assert history.proposed == ()
        assert history.left_out == ()

    def test_nor_one_that_main_got_in_the_meantime(self, change: Repository) -> None:
        change.git("switch", "--quiet", "main")
        change.commit({"migrations/9_z.sql": ""})
        change.git("switch", "--quiet", "feature")
        change.commit({C: ""})
        history = change.discover()
        assert paths(history.base) == [A, B]
        assert paths(history.proposed) == [C]

    def test_on_main_itself_only_uncommitted_files_are_proposed(self, repository: Repository) -> None:
        repository.commit(MERGED)
        repository.write({C: ""})
        assert paths(repository.discover().proposed) == [C]

    def test_with_everything_all_are_proposed(self, change: Repository) -> None:
        history = change.discover(everything=True)
        assert paths(history.proposed) == [A, B]
        assert history.base == ()
        assert history.base_ref is None

    def test_before_the_first_commit_all_are_proposed(self, repository: Repository) -> None:
        repository.write(MERGED)
        assert paths(repository.discover().proposed) == [A, B]

    def test_outside_git_all_are_proposed(self, folder: Project) -> None:
        folder.write(MERGED)
        history = folder.discover()
        assert paths(history.proposed) == [A, B]
        assert history.base_ref is None

    def test_a_base_found_before_is_taken_as_it_is(self, change: Repository) -> None:
        first = find_base(change.path, "HEAD")
        change.commit({C: ""})
        assert paths(change.discover(base=first).proposed) == [C]
        assert paths(change.discover(base="HEAD").proposed) == []

    def test_without_git_installed_everything_still_works(
        self, change: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert paths(change.discover(everything=True).proposed) == [A, B]


class TestChanged:
    def test_an_edited_file_keeps_its_merged_text_in_the_base(self, change: Repository) -> None:
        change.commit({B: "create table b ();\ncreate table other ();\n"})
        history = change.discover()
        assert history.base[1].text == MERGED[B]
        assert history.proposed == ()
        assert changes(history) == [("edited", B, B, 2)]

    def test_an_edited_comment_is_an_edit(self, change: Repository) -> None:
        change.write({A: "create table a (); -- really\n"})
        assert changes(change.discover()) == [("edited", A, A, 1)]

    def test_line_ends_that_git_converts_are_not(self, change: Repository) -> None:
        change.write({B: MERGED[B].replace("\n", "\r\n")})
        assert changes(change.discover()) == []

    def test_a_renamed_file_is_not_proposed_again(self, change: Repository) -> None:
        change.git("mv", B, "migrations/5_b.sql")
        history = change.discover()
        assert paths(history.base) == [A, B]
        assert history.proposed == ()
        assert changes(history) == [("renamed", B, "migrations/5_b.sql", 1)]

    def test_a_copy_is_proposed(self, change: Repository) -> None:
        change.write({C: MERGED[B]})
        history = change.discover()
        assert paths(history.proposed) == [C]
        assert history.changed == ()

    def test_an_empty_file_has_no_content_to_be_known_by(self, repository: Repository) -> None:
        repository.commit({A: ""})
        repository.write({A: None, B: ""})
        history = repository.discover()
        assert changes(history) == [("removed", A, A, 1)]
        assert paths(history.proposed) == [B]

    def test_a_removed_file_stays_in_the_base(self, change: Repository) -> None:
        change.commit({A: None})
        history = change.discover()
        assert paths(history.base) == [A, B]
        assert history.changed == (Change("removed", A, Location(A, 1, 1)),)

    def test_a_file_moved_out_of_the_runners_sight_is_renamed(self, change: Repository) -> None:
        (change.path / "migrations/old").mkdir()
        change.git("mv", A, "migrations/old/1_a.sql")
        history = change.discover()
        assert changes(history) == [("renamed", A, "migrations/old/1_a.sql", 1)]
        assert list(left_out(history)) == ["migrations/old/1_a.sql"]

    def test_a_file_moved_between_two_folders_is_renamed(self, repository: Repository) -> None:
        repository.commit({"one/1_a.sql": "select 1;", "two/2_b.sql": "select 2;"})
        repository.git("mv", "one/1_a.sql", "two/1_a.sql")
        history = repository.discover(migrations=("one", "two"))
        assert changes(history) == [("renamed", "one/1_a.sql", "two/1_a.sql", 1)]
        assert history.proposed == ()

    def test_a_misnamed_file_that_gets_a_proper_name_will_run_and_is_proposed(self, repository: Repository) -> None:
        repository.commit({"supabase/migrations/1_a.sql": "select 1;", "supabase/migrations/b.sql": "select 2;"})
        repository.git("mv", "supabase/migrations/b.sql", "supabase/migrations/2_b.sql")
        assert paths(repository.discover().proposed) == ["supabase/migrations/2_b.sql"]

    def test_removing_the_whole_folder_leaves_the_base(self, change: Repository) -> None:
        change.commit({A: None, B: None})
        history = change.discover(migrations=("migrations",))
        assert paths(history.base) == [A, B]
        assert [each.kind for each in history.changed] == ["removed", "removed"]


class TestPlace:
    def test_paths_are_relative_to_the_top_whatever_folder_is_given(self, change: Repository) -> None:
        change.write({C: ""})
        for given in (".", "migrations"):
            history = change.discover(given)
            assert paths(history.proposed) == [C]
            assert history.folder == "migrations"

    def test_outside_git_they_are_relative_to_the_folder_given(self, folder: Project) -> None:
        folder.write({"supabase/migrations/1_a.sql": ""})
        history = folder.discover("supabase/migrations")
        assert paths(history.proposed) == ["1_a.sql"]
        assert (history.layout, history.folder) == ("supabase", ".")

    def test_one_project_of_a_large_repository(self, repository: Repository) -> None:
        repository.write({"api/migrations/1_a.sql": "", "web/supabase/migrations/1_b.sql": ""})
        assert paths(repository.discover("api").proposed) == ["api/migrations/1_a.sql"]
        assert repository.discover("web").layout == "supabase"
        repository.write({"api/migrations/2_b.sql": ""})
        with pytest.raises(UsageError, match=r"api/migrations \(2 files\), web/supabase/migrations \(1 file\)"):
            repository.discover()

    def test_migrations_at_the_very_top(self, repository: Repository) -> None:
        repository.commit({"1_a.sql": "", "docs/x.md": ""})
        repository.write({"2_b.sql": ""})
        history = repository.discover()
        assert (paths(history.base), paths(history.proposed)) == (["1_a.sql"], ["2_b.sql"])
        assert history.folder == "."

    def test_the_settings_decide(self, folder: Project) -> None:
        folder.write({"migrations/1_a.sql": "", "migrations/2_b.sql": "", "sql/z.sql": "", "extra/0_y.sql": ""})
        history = folder.discover(migrations=("sql", "extra"))
        assert paths(history.proposed) == ["sql/z.sql", "extra/0_y.sql"]
        assert history.folder == "sql, extra"

    def test_settings_of_the_repository_hold_when_a_folder_in_it_is_given(self, change: Repository) -> None:
        assert paths(change.discover("migrations", migrations=("migrations",)).base) == [A, B]

    def test_a_listed_folder_inside_another_is_run_once(self, folder: Project) -> None:
        folder.write({"db/1_a.sql": "", "db/more/2_b.sql": "", "db/other/3_c.sql": ""})
        history = folder.discover(migrations=("db", "db/more", "db"))
        assert paths(history.proposed) == ["db/1_a.sql", "db/more/2_b.sql"]
        assert list(left_out(history)) == ["db/other/3_c.sql"]

    def test_a_folder_may_be_named_like_a_pattern(self, repository: Repository) -> None:
        repository.commit({"[a-z]/1_a.sql": "", "x/1_b.sql": ""})
        assert paths(repository.discover(migrations=("[a-z]",)).base) == ["[a-z]/1_a.sql"]
        repository.commit({":!/1_c.sql": ""})
        repository.write({":!/2_d.sql": ""})
        assert paths(repository.discover(migrations=(":!",)).proposed) == [":!/2_d.sql"]

    def test_the_layout_can_be_set(self, folder: Project) -> None:
        folder.write({"db/1_a.sql": "", "db/b.sql": ""})
        history = folder.discover(migrations=("db",), layout="supabase")
        assert history.layout == "supabase"
        assert paths(history.proposed) == ["db/1_a.sql"]

    def test_ignored_and_deleted_files_make_no_candidate(self, repository: Repository) -> None:
        repository.commit({**MERGED, "old/migrations/1_x.sql": "x", "old/migrations/2_y.sql": "y"})
        repository.write({".gitignore": "/generated\n", "generated/db/1_a.sql": "", "generated/db/2_b.sql": ""})
        repository.write({"old/migrations/1_x.sql": None, "old/migrations/2_y.sql": None})
        assert repository.discover().folder == "migrations"

    @pytest.mark.parametrize(
        ("setting", "sentence"),
        [
            ("nowhere", 'migrations = "nowhere": there is no such folder'),
            ("../elsewhere", 'migrations = "../elsewhere" lies outside'),
            ("migrations/1_a.sql", "is a file: name the folder that holds it"),
        ],
    )
    def test_a_wrong_setting_is_named(self, change: Repository, setting: str, sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            change.discover(migrations=(setting,))

    def test_a_wrong_path_is_named(self, folder: Project) -> None:
        folder.write({"1_a.sql": ""})
        with pytest.raises(UsageError, match=r"nowhere does not exist"):
            folder.discover("nowhere")
        with pytest.raises(UsageError, match=r"1_a.sql is a file: pass the folder"):
            folder.discover("1_a.sql")

    def test_a_worktree_is_compared_like_its_repository(self, change: Repository, tmp_path: Path) -> None:
        change.git("worktree", "add", "--quiet", "-b", "second", str(tmp_path / "second"))
        worktree = Project(tmp_path / "second")
        worktree.write({C: ""})
        assert paths(worktree.discover().proposed) == [C]
        assert change.discover().proposed == ()

    def test_a_submodule_is_a_repository_of_its_own(self, repository: Repository, tmp_path: Path) -> None:
        inner = Repository(tmp_path / "inner")
        inner.commit(MERGED)
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "db")
        repository.commit()
        repository.write({f"db/{C}": ""})
        history = repository.discover("db")
        assert (paths(history.base), paths(history.proposed)) == ([A, B], [C])
        with pytest.raises(UsageError, match=r'"db/migrations" lies in another git repository, db'):
            repository.discover(migrations=("db/migrations",))

    def test_files_that_a_sparse_checkout_hides_are_not_taken_for_removed(self, change: Repository) -> None:
        change.git("sparse-checkout", "set", "--no-cone", "/*", "!/migrations/1_a.sql")
        with pytest.raises(
            UsageError, match=r"hides migrations of migrations, 1_a.sql first: run git sparse-checkout add"
        ):
            change.discover(migrations=("migrations",))


class TestFiles:
    def test_an_unreadable_proposed_file_stays_proposed(self, change: Repository) -> None:
        change.write({C: b"select '\xff';\n"})
        (migration,) = change.discover().proposed
        assert migration.unreadable == "is not UTF-8 text: byte 0xff at line 1"
        assert migration.text == ""

    def test_a_huge_file_is_not_read(self, change: Repository) -> None:
        change.write({C: ""})
        os.truncate(change.path / C, LARGEST + 1)
        (migration,) = change.discover().proposed
        assert migration.unreadable == "is larger than the 32 MB that pgassay reads"

    def test_a_merged_file_in_another_encoding_is_not_edited(self, repository: Repository) -> None:
        utf16 = "create table größen ();\n".encode("utf-16")
        repository.commit({A: utf16})
        history = repository.discover()
        assert history.base[0].text == "create table größen ();\n"
        assert history.changed == ()

    def test_markers_decide_what_runs(self, folder: Project) -> None:
        folder.write(
            {
                A: "-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n",
                B: "select 3;\n",
            }
        )
        marked, by_hand = folder.discover().proposed
        assert "select 1" in marked.up_text
        assert "select 2" not in marked.up_text
        assert (marked.mode, marked.runs_once) == (Mode.STATEMENT, True)
        assert (by_hand.mode, by_hand.runs_once) == (Mode.BATCHES, False)
        assert by_hand.up_text == "select 3;\n"

    def test_the_front_end_reads_a_migration_when_it_is_asked_for(self, folder: Project) -> None:
        folder.write({A: "create table a ();\n"})
        (migration,) = folder.discover().proposed
        assert [statement.kind for statement in migration.up] == ["CREATE TABLE"]

    def test_a_file_that_is_left_out_knows_whether_it_is_new(self, repository: Repository) -> None:
        repository.commit({"supabase/migrations/1_a.sql": "", "supabase/migrations/old.sql": ""})
        repository.write({"supabase/migrations/new.sql": ""})
        told = {each.what: each.is_new for each in repository.discover().left_out if isinstance(each, LeftOut)}
        assert told == {"supabase/migrations/old.sql": False, "supabase/migrations/new.sql": True}

    def test_a_link_inside_the_repository_is_followed(self, change: Repository) -> None:
        change.write({"shared/c.sql": "select 3;\n"})
        change.link(C, "../shared/c.sql")
        assert change.discover().proposed[0].text == "select 3;\n"
        change.commit()
        change.git("switch", "--quiet", "-c", "later")
        change.write({"shared/c.sql": "select 4;\n"})
        history = change.discover(base="feature")
        assert history.base[2].text == "select 3;\n"
        assert changes(history) == [("edited", C, C, 1)]

    @pytest.mark.parametrize("target", ["outside", "../.git/notes.sql", "../.env", "nothing.sql"])
    def test_any_other_link_is_left_out(self, change: Repository, tmp_path: Path, target: str) -> None:
        secret = tmp_path / "secret.sql"
        secret.write_text("password\n")
        change.write({".env": "password\n", ".git/notes.sql": "password\n"})
        change.link(C, secret if target == "outside" else target)
        history = change.discover()
        assert history.proposed == ()
        assert "symbolic link" in left_out(history)[C]

    def test_a_merged_link_that_leaves_the_repository_is_no_base(self, repository: Repository, tmp_path: Path) -> None:
        (tmp_path / "secret.sql").write_text("password\n")
        repository.write({A: "select 1;\n"})
        repository.link(B, tmp_path / "secret.sql")
        repository.commit()
        history = repository.discover()
        assert paths(history.base) == [A]
        assert list(left_out(history)) == [B]
        assert history.changed == ()

    def test_a_name_that_is_no_utf8_can_be_printed(self, folder: Project) -> None:
        folder.write(MERGED)
        try:
            (folder.path / os.fsdecode(b"migrations/3_\xff.sql")).write_text("select 3;\n")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
        assert paths(folder.discover().proposed)[-1] == "migrations/3_\\xff.sql"

    def test_a_name_may_hold_anything_else(self, repository: Repository) -> None:
        name = 'migrations/3_größe "x"\n\tü.sql'
        repository.commit({**MERGED, name: "select 3;\n"})
        repository.write({name: "select 4;\n"})
        history = repository.discover()
        assert history.base[2].text == "select 3;\n"
        assert changes(history) == [("edited", name, name, 1)]

    def test_a_sha256_repository_is_read_too(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "sha256", "--object-format=sha256")
        repository.commit(MERGED)
        repository.write({B: "select 1;\n", C: ""})
        history = repository.discover()
        assert paths(history.proposed) == [C]
        assert changes(history) == [("edited", B, B, 1)]
