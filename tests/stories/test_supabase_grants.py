"""Who may use a new table, by the day on which Supabase stopped granting it to everybody, and who decides otherwise."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pgassay.errors import SettingsError
from pgassay.model import Report
from pgassay.pipeline import review
from pgassay.postgres.embedded import Embedded
from pgassay.project import Request, open_project
from pgassay.replay.bench import Bench
from tests.benches import borrowed

OPEN = "after applying, `anon` and `authenticated` may `select`, `insert`, `update` and `delete` every row of it"
NO_GRANT = "after applying, no role of the API has a grant on it, and the first `grant` opens every row"
TABLE = "create table {} (id bigint primary key);\n"


@pytest.fixture(scope="module", params=[16, 18])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Both majors that come with the test dependencies."""
    with Embedded(wanted_major=request.param) as server:
        yield Bench(server)


def _folder(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _tables(names: Mapping[str, str]) -> dict[str, str]:
    """A migration for each, named by its version, that makes one table without row level security."""
    return {f"supabase/migrations/{version}_x.sql": TABLE.format(name) for version, name in names.items()}


def _check(root: Path, bench: Bench, *, everything: bool = True) -> Report:
    with open_project(Request(root, everything=everything)) as project:
        return review(project, borrowed(bench))


def _seen(report: Report) -> dict[str, str | None]:
    return {finding.subject: finding.seen for finding in report.findings if finding.rule == "missing_rls"}


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


def _merged(root: Path, files: Mapping[str, str]) -> Path:
    _folder(root, files)
    _git(root, "init", "--quiet", "--initial-branch=main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message=merged")
    _git(root, "switch", "--quiet", "--create=change")
    return root


DATED = {"20261029120000": "old", "20261030120000": "new"}


def test_the_way_changes_between_two_files_of_a_change(tmp_path: Path, either: Bench) -> None:
    """A table without row level security is one however few may use it yet."""
    report = _check(_folder(tmp_path, _tables(DATED)), either)
    assert _seen(report) == {"old": OPEN, "new": NO_GRANT}
    assert report.unchecked == ()


def test_the_way_changes_between_two_merged_files(tmp_path: Path, either: Bench) -> None:
    root = _merged(tmp_path, _tables({**DATED, "20261031120000": "newer"}))
    change = "".join(f"create view {name}_ids as select id from {name};\n" for name in ("old", "new", "newer"))
    change += "".join(
        f"do $$ begin if has_table_privilege('anon', '{name}', 'select') is distinct from {expected}"
        f" then raise exception 'wrong: {name}'; end if; end $$;\n"
        for name, expected in {"old": "true", "new": "false", "newer": "false", "old_ids": "false"}.items()
    )
    _folder(root, {"supabase/migrations/20261101000000_y.sql": change})
    report = _check(root, either, everything=False)
    assert report.migrations.base == 3
    assert [finding.message for finding in report.findings] == []


def test_what_a_file_makes_before_the_day_stays_open(tmp_path: Path, bench: Bench) -> None:
    files = _tables({"20261029120000": "old"})
    grants = (
        "do $$ begin if not has_table_privilege('anon', 'old', 'select') then raise exception 'closed'; end if; end $$"
    )
    files["supabase/migrations/20261101000000_y.sql"] = grants
    assert [finding.rule for finding in _check(_folder(tmp_path, files), bench).findings] == ["missing_rls"]


def test_a_blamed_statement_runs_the_same_way_twice(tmp_path: Path, bench: Bench) -> None:
    """The statements behind the findings are looked for in a second run of the files."""
    files = _tables(DATED)
    files["supabase/migrations/20261031000000_y.sql"] = TABLE.format("a") + "grant select on new to anon;\n"
    report = _check(_folder(tmp_path, files), bench)
    assert _seen(report)["new"] == "after applying, `anon` may `select` every row of it"
    assert {finding.subject: finding.location.start_line for finding in report.findings}["new"] == 1


@pytest.mark.parametrize(
    ("settings", "config", "expected"),
    [
        ('default_privileges = "legacy"', None, {"old": OPEN, "new": OPEN}),
        ('default_privileges = "none"', None, {"old": NO_GRANT, "new": NO_GRANT}),
        ('default_privileges = "cutover:20200101000000"', None, {"old": NO_GRANT, "new": NO_GRANT}),
        ('default_privileges = "cutover:20300101000000"', None, {"old": OPEN, "new": OPEN}),
        ("", "[api]\nauto_expose_new_tables = true", {"old": OPEN, "new": OPEN}),
        ("", "[api]\nauto_expose_new_tables = false", {"old": NO_GRANT, "new": NO_GRANT}),
        ("", "[api]\nschemas = ['public']", {"old": OPEN, "new": NO_GRANT}),
        (
            'default_privileges = "legacy"',
            "[api]\nauto_expose_new_tables = false",
            {"old": OPEN, "new": OPEN},
        ),
    ],
)
def test_who_decides(
    tmp_path: Path, bench: Bench, settings: str, config: str | None, expected: Mapping[str, str]
) -> None:
    root = _folder(tmp_path, {**_tables(DATED), "pgassay.toml": settings})
    if config:
        _folder(root, {"supabase/config.toml": config})
    assert _seen(_check(root, bench)) == expected


def test_files_without_a_date_run_the_open_way_and_that_is_said(tmp_path: Path, bench: Bench) -> None:
    root = _folder(tmp_path, _tables({"001": "old", "002": "new"}))
    report = _check(root, bench)
    assert _seen(report) == {"old": OPEN, "new": OPEN}
    (note,) = report.unchecked
    assert note.why.startswith("supabase/migrations/001_x.sql has no date in its name")
    assert not report.incomplete
    _folder(root, {"pgassay.toml": 'default_privileges = "none"'})
    report = _check(root, bench)
    assert _seen(report) == {"old": NO_GRANT, "new": NO_GRANT}
    assert report.unchecked == ()


def test_a_plain_server_has_no_such_day(tmp_path: Path, bench: Bench) -> None:
    files = {"migrations/001_x.sql": TABLE.format("old"), "pgassay.toml": 'exposed_schemas = ["public"]'}
    report = _check(_folder(tmp_path, files), bench)
    assert report.server
    assert report.server.environment == "postgres"
    assert report.unchecked == ()


def test_exposed_schemas_come_from_the_configuration_of_supabase(tmp_path: Path, bench: Bench, database: str) -> None:
    tables = "create schema api;\ncreate table api.t (id int);\ncreate table u ();\n"
    files = {
        "supabase/migrations/20250101000000_x.sql": tables,
        "supabase/config.toml": '[api]\nschemas = ["api"]\nextra_search_path = ["extensions", "we\'ird"]',
    }
    root = _folder(tmp_path, files)
    assert set(_seen(_check(root, bench))) == {"api.t"}
    with bench.server.connect(database) as session:
        settings = session.rows(
            "select unnest(setconfig) from pg_catalog.pg_db_role_setting where setrole = 'authenticator'::regrole"
        )
    assert ("pgrst.db_extra_search_path=extensions, we'ird",) in settings
    _folder(root, {"pgassay.toml": 'exposed_schemas = ["public"]'})
    assert set(_seen(_check(root, bench))) == {"u"}


def test_the_configuration_is_that_of_the_base_branch(tmp_path: Path, bench: Bench) -> None:
    root = _merged(
        tmp_path,
        {**_tables({"20250101000000": "old"}), "supabase/config.toml": "[api]\nauto_expose_new_tables = false"},
    )
    _folder(root, {"supabase/migrations/20250102000000_y.sql": TABLE.format("new")})
    assert _seen(_check(root, bench, everything=False)) == {"new": NO_GRANT}
    _folder(root, {"supabase/config.toml": "[api]\nauto_expose_new_tables = true"})
    report = _check(root, bench, everything=False)
    assert _seen(report) == {"new": NO_GRANT}
    assert [note.what for note in report.unchecked] == ["the change to supabase/config.toml"]
    _folder(root, {"supabase/config.toml": "[api]\nauto_expose_new_tables = false\nport = 1"})
    assert _check(root, bench, everything=False).unchecked == ()
    _folder(root, {"supabase/config.toml": "[api"})
    assert len(_check(root, bench, everything=False).unchecked) == 1


@pytest.mark.parametrize(
    "path", [".", "supabase", "supabase/migrations"], ids=["the project", "its folder", "its migrations"]
)
def test_the_configuration_is_found_from_any_folder(tmp_path: Path, path: str) -> None:
    files = {**_tables({"20250101000000": "t"}), "supabase/config.toml": "[db]\nmajor_version = 15"}
    with open_project(Request(_folder(tmp_path, files) / path)) as project:
        assert project.supabase.major_version == 15


def test_a_monorepo_has_its_configuration_beside_its_migrations(tmp_path: Path) -> None:
    files = {f"apps/web/{path}": text for path, text in _tables({"20250101000000": "t"}).items()}
    files |= {"apps/web/supabase/config.toml": "[db]\nmajor_version = 17", "supabase/config.toml": "[db"}
    root = _merged(tmp_path, files)
    for path in (root, root / "apps/web"):
        with open_project(Request(path)) as project:
            assert project.supabase.path == "apps/web/supabase/config.toml"


def test_a_configuration_that_the_cli_cannot_read_is_the_users_to_mend(tmp_path: Path) -> None:
    root = _folder(tmp_path, {**_tables({"20250101000000": "t"}), "supabase/config.toml": "[db]\nmajor_version = 1"})
    with (
        pytest.raises(SettingsError, match=r"^supabase/config.toml: \[db\] major_version = 1"),
        open_project(Request(root)),
    ):
        pass
    # A project that is not Supabase's has another reason for such a file.
    _folder(root, {"pgassay.toml": 'environment = "postgres"'})
    with open_project(Request(root)) as project:
        assert project.supabase.path is None


@pytest.mark.parametrize(
    ("wanted", "step"), [(15, None), (99, "install PostgreSQL 99, or name its folder in PGASSAY_PG_BINDIR")]
)
def test_a_server_of_another_major_is_said(tmp_path: Path, bench: Bench, wanted: int, step: str | None) -> None:
    files = {**_tables({"20250101000000": "t"}), "supabase/config.toml": f"[db]\nmajor_version = {wanted}"}
    report = _check(_folder(tmp_path, files), bench)
    (note,) = report.unchecked
    assert note.what == f"what only PostgreSQL {wanted} does, which supabase/config.toml asks for"
    assert note.why.startswith(f"this server is PostgreSQL {bench.server.info.version}")
    assert note.next_step == step


def test_a_server_of_the_wanted_major_is_not_worth_a_word(tmp_path: Path, either: Bench) -> None:
    wanted = either.server.info.major
    files = {**_tables({"20250101000000": "t"}), "supabase/config.toml": f"[db]\nmajor_version = {wanted}"}
    assert _check(_folder(tmp_path, files), either).unchecked == ()
