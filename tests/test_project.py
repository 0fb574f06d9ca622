"""What the user asked for: settings and custom rules of the base branch, baseline, environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgassay import pipeline
from pgassay.errors import CatalogueError, PgassayError, SettingsError, UsageError
from pgassay.model import Severity, Unchecked
from pgassay.project import Project, Request, open_project

from .catalogue.rules import CHECK, PAGE
from .history import project as projects
from .history.project import Files, Repository

FIRST = "migrations/1_a.sql"
MERGED: Files = {FIRST: "create table a ();\n"}
PROPOSED: Files = {"migrations/2_b.sql": "create table blue_sky ();\n"}
RULE: Files = {"rules/colours/blue_table.md": PAGE, "rules/colours/blue_table.py": CHECK}


@pytest.fixture(autouse=True)
def _only_the_test_configures_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.com")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def folder(tmp_path: Path) -> projects.Project:
    """A project outside git."""
    return projects.Project(tmp_path / "folder")


def change(repository: Repository, merged: Files, proposed: Files) -> Path:
    """A branch with a change on top of main."""
    repository.commit({**MERGED, **merged})
    repository.branch("feature")
    repository.commit({**PROPOSED, **proposed})
    return repository.path


@contextmanager
def opened(root: Path, **options: object) -> Iterator[Project]:
    with open_project(Request(root, **options)) as project:  # type: ignore[arg-type]
        yield project


def refusal(root: Path, error: type[PgassayError] = SettingsError, **options: object) -> str:
    with pytest.raises(error) as refused, opened(root, **options):
        pass
    return str(refused.value)


class TestSettings:
    def test_there_need_be_none(self, folder: projects.Project) -> None:
        folder.write(MERGED)
        with opened(folder.path) as project:
            assert project.settings.fail_on is Severity.ERROR
            assert project.notes == ()

    @pytest.mark.parametrize("name", ["pgassay.toml", ".github/pgassay.toml"])
    @pytest.mark.parametrize("text", ['fail_on = "note"', '\ufefffail_on = "note"\r\n'])
    def test_a_file_in_one_of_two_places(self, folder: projects.Project, name: str, text: str) -> None:
        folder.write({**MERGED, name: text})
        with opened(folder.path) as project:
            assert project.settings.fail_on is Severity.NOTE
            assert project.settings.source == name

    def test_the_one_at_the_top_comes_first(self, folder: projects.Project) -> None:
        folder.write({**MERGED, "pgassay.toml": 'fail_on = "note"', ".github/pgassay.toml": 'fail_on = "warning"'})
        with opened(folder.path) as project:
            assert project.settings.fail_on is Severity.NOTE

    def test_they_come_from_the_base_branch(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "warning"'}, {"pgassay.toml": '[rules]\nlocks = "off"\n'})
        with opened(root) as project:
            assert project.settings.fail_on is Severity.WARNING
            assert project.settings.rules == {}
            assert project.notes == (
                Unchecked(
                    "the change to pgassay.toml",
                    "settings are read from main",
                    f"try it with --settings {root}/pgassay.toml",
                ),
            )

    def test_a_file_that_the_change_brings_has_no_say_yet(self, repository: Repository) -> None:
        root = change(repository, {}, {".github/pgassay.toml": 'fail_on = "note"'})
        with opened(root) as project:
            assert project.settings.fail_on is Severity.ERROR
            (note,) = project.notes
            assert note.what == "the change to .github/pgassay.toml"

    def test_one_that_it_removes_still_has(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "note"'}, {"pgassay.toml": None})
        with opened(root) as project:
            assert project.settings.fail_on is Severity.NOTE
            (note,) = project.notes
            assert (note.what, note.next_step) == ("the change to pgassay.toml", None)

    def test_so_has_one_that_main_got_later_and_the_branch_has_not(self, repository: Repository) -> None:
        """The merge base decides, not the tip of main."""
        root = change(repository, {"pgassay.toml": 'fail_on = "note"'}, {})
        repository.git("switch", "--quiet", "main")
        repository.commit({"pgassay.toml": 'fail_on = "error"'})
        repository.git("switch", "--quiet", "feature")
        with opened(root) as project:
            assert project.settings.fail_on is Severity.NOTE
            assert project.notes == ()

    def test_line_ends_alone_are_no_change(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "note"\n'}, {"pgassay.toml": 'fail_on = "note"\r\n'})
        with opened(root) as project:
            assert project.notes == ()

    def test_what_is_not_committed_is_a_change_too(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "note"\n'}, {})
        repository.write({"pgassay.toml": 'fail_on = "error"\n'})
        with opened(root) as project:
            assert project.settings.fail_on is Severity.NOTE
            assert len(project.notes) == 1

    def test_with_everything_proposed_they_come_from_there_too(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "warning"'}, {"pgassay.toml": 'fail_on = "note"'})
        with opened(root, everything=True) as project:
            assert project.settings.fail_on is Severity.WARNING
            assert [note.what for note in project.notes] == ["the change to pgassay.toml"]
            assert project.history.base == ()

    def test_another_file_is_read_as_it_stands(self, repository: Repository, tmp_path: Path) -> None:
        root = change(repository, {"pgassay.toml": 'fail_on = "warning"'}, {"pgassay.toml": "broken"})
        other = tmp_path / "other.toml"
        other.write_text('\ufefffail_on = "note"\r\n', encoding="utf-8")
        with opened(root, settings=other) as project:
            assert project.settings.fail_on is Severity.NOTE
            assert project.notes == ()

    def test_in_a_subfolder_they_are_those_of_the_subfolder(self, repository: Repository) -> None:
        root = change(
            repository,
            {"app/migrations/1_a.sql": "select 1;", "app/pgassay.toml": 'fail_on = "note"', "pgassay.toml": ""},
            {"app/migrations/2_b.sql": "select 2;", "app/pgassay.toml": 'fail_on = "error"'},
        )
        with opened(root / "app") as project:
            assert project.settings.fail_on is Severity.NOTE
            assert [each.next_step for each in project.notes] == [f"try it with --settings {root}/app/pgassay.toml"]
            assert projects.paths(project.history.proposed) == ["app/migrations/2_b.sql"]

    def test_a_folder_without_any_has_those_of_its_repository(self, repository: Repository) -> None:
        root = change(
            repository,
            {"app/migrations/1_a.sql": "select 1;", "pgassay.toml": 'migrations = "elsewhere"\nfail_on = "note"'},
            {"app/migrations/2_b.sql": "select 2;"},
        )
        with opened(root / "app" / "migrations") as project:
            assert project.settings.fail_on is Severity.NOTE
            assert projects.paths(project.history.proposed) == ["app/migrations/2_b.sql"]


class TestSettingsRefused:
    def test_what_they_say_of_names_goes_with_the_migrations(self, folder: projects.Project) -> None:
        folder.write({**MERGED, "pgassay.toml": '[naming]\nmigration = "NNN_name"\nheader = ["Author"]'})
        with opened(folder.path) as project:
            assert (project.history.naming.migration, project.history.naming.header) == ("NNN_name", ("Author",))

    @pytest.mark.parametrize(("text", "once"), [("", False), ("runs_once = true", True), ("runs_once = false", False)])
    def test_how_often_a_file_is_run(self, folder: projects.Project, text: str, once: bool) -> None:
        folder.write({**MERGED, "pgassay.toml": text})
        with opened(folder.path, everything=True) as project:
            (migration,) = project.history.proposed
            assert migration.runs_once is once

    def test_broken_ones_name_their_file(self, folder: projects.Project) -> None:
        folder.write({**MERGED, ".github/pgassay.toml": "colour = 1"})
        assert refusal(folder.path) == ".github/pgassay.toml: unknown key `colour`; README.md lists the keys."

    def test_and_their_branch_where_the_change_has_others(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": "colour = 1"}, {"pgassay.toml": ""})
        assert refusal(root) == "pgassay.toml on main: unknown key `colour`; README.md lists the keys."

    def test_a_change_that_would_break_them_is_refused_before_it_is_merged(self, repository: Repository) -> None:
        root = change(repository, {"pgassay.toml": ""}, {"pgassay.toml": "colour = 1"})
        assert refusal(root) == "pgassay.toml: unknown key `colour`; README.md lists the keys."

    def test_what_is_no_text(self, folder: projects.Project) -> None:
        folder.write({**MERGED, "pgassay.toml": b"\xff\xfe"})
        assert refusal(folder.path) == "pgassay.toml: is not UTF-8 text; save it as UTF-8."

    def test_unknown_rules(self, folder: projects.Project) -> None:
        folder.write({**MERGED, "pgassay.toml": '[rules]\nmissing_rl = "off"'})
        assert refusal(folder.path) == (
            "pgassay.toml: [rules] names no rule or group `missing_rl` (did you mean `missing_rls`?);"
            " see `pgassay rules`."
        )

    @pytest.mark.parametrize(
        ("name", "reason"), [("nowhere.toml", "No such file or directory"), (".", "Is a directory")]
    )
    def test_a_file_for_settings_that_is_none(self, folder: projects.Project, name: str, reason: str) -> None:
        folder.write(MERGED)
        other = folder.path / name
        assert refusal(folder.path, UsageError, settings=other) == f"{other}: {reason}; check --settings."

    def test_a_base_outside_git(self, folder: projects.Project) -> None:
        folder.write(MERGED)
        assert refusal(folder.path, UsageError, base="main") == (
            f"--base main: {folder.path} is in no git repository; leave --base out."
        )


class TestCustomRules:
    SETTINGS: Files = {"pgassay.toml": 'custom_rules = "rules"\n'}

    def found(self, root: Path) -> list[tuple[str, str]]:
        report = pipeline.lint(Request(root))
        return [(each.rule, each.message) for each in report.findings if each.rule == "blue_table"]

    def test_they_stand_beside_ours(self, folder: projects.Project) -> None:
        folder.write({**MERGED, **PROPOSED, **RULE, **self.SETTINGS})
        with opened(folder.path) as project:
            names = {rule.id for rule in project.rules}
        assert {"blue_table", "missing_rls"} <= names
        assert self.found(folder.path) == [("blue_table", "The table `blue_sky` is blue.")]

    @pytest.mark.parametrize("folder_name", ["rules", "./rules", "rules/", "x/../rules"])
    def test_they_come_from_the_base_branch(self, repository: Repository, folder_name: str) -> None:
        settings = {"pgassay.toml": f'custom_rules = "{folder_name}"\n'}
        worse = CHECK.replace("yield Match", "raise SystemExit  # yield Match")
        root = change(repository, {**RULE, **settings}, {"rules/colours/blue_table.py": worse})
        assert self.found(root) == [("blue_table", "The table `blue_sky` is blue.")]

    def test_so_a_change_cannot_take_one_away_or_bring_one(self, repository: Repository) -> None:
        root = change(
            repository,
            {**RULE, **self.SETTINGS},
            {
                "rules/colours/blue_table.py": None,
                "rules/colours/blue_table.md": None,
                "rules/colours/red_table.md": PAGE,
                "rules/colours/red_table.py": "raise SystemExit",
            },
        )
        with opened(root) as project:
            names = {rule.id for rule in project.rules}
        assert "blue_table" in names
        assert "red_table" not in names
        assert self.found(root) == [("blue_table", "The table `blue_sky` is blue.")]

    def test_in_a_subfolder_the_path_is_relative_to_it(self, repository: Repository) -> None:
        merged: Files = {f"app/{path}": text for path, text in {**MERGED, **RULE, **self.SETTINGS}.items()}
        proposed: Files = {f"app/{path}": text for path, text in PROPOSED.items()}
        root = change(repository, merged, proposed)
        assert self.found(root / "app") == [("blue_table", "The table `blue_sky` is blue.")]

    def test_and_may_lead_out_of_it_but_not_out_of_the_repository(self, repository: Repository) -> None:
        merged: Files = {"app/migrations/1_a.sql": "select 1;", "app/pgassay.toml": 'custom_rules = "../rules"', **RULE}
        root = change(repository, merged, {"app/migrations/2_b.sql": "create table blue_sky ();"})
        assert self.found(root / "app") == [("blue_table", "The table `blue_sky` is blue.")]
        repository.git("switch", "--quiet", "main")
        repository.commit({"app/pgassay.toml": 'custom_rules = "../../rules"'})
        assert refusal(root / "app") == 'pgassay.toml: custom_rules = "../../rules": no such folder on main.'

    def test_a_folder_that_is_not_there(self, folder: projects.Project, repository: Repository) -> None:
        folder.write({**MERGED, **self.SETTINGS})
        assert refusal(folder.path, CatalogueError) == (
            f"{folder.path}/rules: no such folder of rules; check `custom_rules` in pgassay.toml."
        )
        root = change(repository, self.SETTINGS, RULE)
        assert refusal(root) == 'pgassay.toml: custom_rules = "rules": no such folder on main.'

    def test_one_that_is_not_complete_is_named_as_in_the_repository(self, repository: Repository) -> None:
        root = change(repository, {**RULE, **self.SETTINGS, "rules/colours/blue_table.md": "# Blue\n"}, {})
        sentence = refusal(root, CatalogueError)
        assert sentence.startswith("rules/colours/blue_table.md: no front matter; ")

    def test_so_is_one_that_fails_while_it_runs(self, repository: Repository) -> None:
        check = CHECK.replace("    for name", "    statement['x']\n    for name")
        root = change(repository, {**RULE, **self.SETTINGS, "rules/colours/blue_table.py": check}, {})
        with pytest.raises(
            CatalogueError, match=r"^rules/colours/blue_table\.py:8: TypeError: .*; correct the check\.$"
        ):
            pipeline.lint(Request(root))

    def test_a_name_of_ours_is_taken(self, folder: projects.Project) -> None:
        rule = {path.replace("blue_table", "missing_rls"): text for path, text in RULE.items()}
        folder.write({**MERGED, **rule, **self.SETTINGS})
        assert refusal(folder.path) == (
            "custom_rules: a rule called missing_rls exists already; give yours another name."
        )

    def test_settings_may_name_them(self, folder: projects.Project) -> None:
        settings = 'custom_rules = "rules"\n[rules]\nblue_table = "off"\ncolours = "note"\n'
        folder.write({**MERGED, **PROPOSED, **RULE, "pgassay.toml": settings})
        assert self.found(folder.path) == []


class TestBaseline:
    SETTINGS: Files = {"pgassay.toml": 'baseline = "db/baseline.sql"\n'}

    def test_it_is_applied_first(self, folder: projects.Project) -> None:
        folder.write({**MERGED, **self.SETTINGS, "db/baseline.sql": "\ufeffcreate table é ();\r\n"})
        with opened(folder.path) as project:
            assert project.baseline
            assert project.baseline.path == "db/baseline.sql"
            assert [each.text for each in project.baseline.up] == ["create table é ()"]

    def test_it_comes_from_the_base_branch(self, repository: Repository) -> None:
        merged: Files = {**self.SETTINGS, "db/baseline.sql": "create table a ();"}
        root = change(repository, merged, {"db/baseline.sql": "create table b ();"})
        with opened(root) as project:
            assert project.baseline
            assert project.baseline.text == "create table a ();"

    def test_in_a_subfolder_the_path_is_relative_to_it(self, repository: Repository) -> None:
        merged: Files = {
            f"app/{path}": text for path, text in {**MERGED, **self.SETTINGS, "db/baseline.sql": "select 1;"}.items()
        }
        root = change(repository, merged, {"app/migrations/2_b.sql": ""})
        with opened(root / "app") as project:
            assert project.baseline
            assert project.baseline.text == "select 1;"

    def test_as_windows_writes_what_pg_dump_says(self, folder: projects.Project) -> None:
        folder.write({**MERGED, **self.SETTINGS, "db/baseline.sql": "create table é ();".encode("utf-16")})
        with opened(folder.path) as project:
            assert project.baseline
            assert project.baseline.text == "create table é ();"

    def test_one_that_is_not_there(self, folder: projects.Project, repository: Repository) -> None:
        folder.write({**MERGED, **self.SETTINGS})
        assert refusal(folder.path) == 'pgassay.toml: baseline = "db/baseline.sql": no such file.'
        root = change(repository, self.SETTINGS, {"db/baseline.sql": ""})
        assert refusal(root) == 'pgassay.toml: baseline = "db/baseline.sql": no such file on main.'

    def test_one_that_is_no_text(self, folder: projects.Project) -> None:
        folder.write({**MERGED, **self.SETTINGS, "db/baseline.sql": b"PGDMP\x00\x01"})
        assert refusal(folder.path) == (
            'pgassay.toml: baseline = "db/baseline.sql": the file holds NUL bytes, so it is not a text file.'
        )


class TestEnvironment:
    @pytest.mark.parametrize(
        ("files", "environment"),
        [
            ({"migrations/1_a.sql": "create table a ();"}, "postgres"),
            ({"supabase/migrations/20260101000000_a.sql": "create table a ();"}, "supabase"),
            ({"db/1_a.sql": "create policy p on a using (owner = auth.uid());"}, "supabase"),
            ({"db/1_a.sql": "select auth . jwt();"}, "supabase"),
            ({"db/1_a.sql": "alter table a add b uuid references auth.users;"}, "supabase"),
            ({"db/1_a.sql": "create policy p on storage.objects using (true);"}, "supabase"),
            ({"db/1_a.sql": "grant all on a to service_role;"}, "supabase"),
            ({"db/1_a.sql": "create table auth_users (); create table author.users ();"}, "postgres"),
        ],
    )
    def test_it_is_told_from_the_folder_and_the_text(
        self, folder: projects.Project, files: Files, environment: str
    ) -> None:
        folder.write(files)
        with opened(folder.path) as project:
            assert project.environment == environment

    @pytest.mark.parametrize("environment", ["postgres", "supabase"])
    def test_the_settings_know_better(self, folder: projects.Project, environment: str) -> None:
        folder.write({"db/1_a.sql": "select auth.uid();", "pgassay.toml": f'environment = "{environment}"'})
        with opened(folder.path) as project:
            assert project.environment == environment
