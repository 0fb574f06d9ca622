"""All stages together: what is started, what is counted, and what happens when something of it breaks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from pgassay.catalogue.load import builtin_rules, load_folder
from pgassay.errors import CannotCheck, CatalogueError
from pgassay.history import history_of
from pgassay.model import Rule, Strength, Verdict
from pgassay.pipeline import review
from pgassay.postgres.embedded import Embedded
from pgassay.project import Project
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.sql import read
from tests.benches import borrowed

RULES = builtin_rules()
USERS = {"20250101000000_users.sql": "create table users (id bigint primary key);"}
NOTES = {"20260101000000_notes.sql": "create table notes (id bigint primary key);\n"}


def project(merged: dict[str, str], proposed: dict[str, str], rules: tuple[Rule, ...] = RULES) -> Project:
    folder = "supabase/migrations"
    texts = [{f"{folder}/{name}": text for name, text in files.items()} for files in (merged, proposed)]
    history = history_of(texts[0], texts[0] | texts[1], folder=folder, layout="supabase", read=read)
    return Project(history, Settings(), rules, "supabase")


@contextmanager
def no_server() -> Iterator[Bench]:
    raise AssertionError("a server was started")
    yield  # pragma: no cover


def test_nothing_proposed_starts_no_server() -> None:
    report = review(project(USERS, {}), no_server())
    assert report.verdict is Verdict.PASS
    assert report.server is None
    assert (report.migrations.base, report.migrations.proposed) == (1, 0)
    assert report.stage == "check"


def test_lint_starts_no_server_and_says_what_it_left_out() -> None:
    report = review(project(USERS, {**NOTES, "20260102000000_broken.sql": "creat table x ();"}), None)
    assert report.stage == "lint"
    assert [finding.rule for finding in report.findings] == ["does_not_parse"]
    (left_out,) = report.unchecked
    assert "rules that need a server" in left_out.what
    assert report.migrations.applied == 0


def test_a_rule_that_is_off_makes_no_allow_comment_stale() -> None:
    noted = {"20260101000000_notes.sql": "-- pgassay: allow does_not_parse because we like it so\nselect 1;\n"}
    stale = [finding.rule for finding in review(project(USERS, noted), None).findings]
    assert stale == ["stale_allow"]
    off = replace(project(USERS, noted), settings=Settings(rules={"does_not_parse": Strength.OFF}))
    assert not review(off, None).findings


def test_a_report_counts_and_shows_what_was_done(bench: Bench) -> None:
    said: list[str] = []
    proposed = {**NOTES, "20260102000000_fails.sql": "select nope;", "20260103000000_more.sql": "select 1;"}
    report = review(project(USERS, proposed), borrowed(bench), progress=said.append)
    counts = report.migrations
    assert (counts.base, counts.proposed, counts.applied, counts.failed, counts.base_failed) == (1, 3, 2, 1, 0)
    assert report.server
    assert report.server.environment == "supabase"
    assert report.server.version == bench.server.info.version
    assert {"discover", "lint", "base", "replay", "blame", "judge", "total"} <= report.seconds.keys()
    assert report.seconds["total"] >= report.seconds["replay"] > 0
    assert [f"{change.action} {change.kind} {change.name}" for change in report.schema_change] == ["added table notes"]
    assert set(report.sources) == {f"supabase/migrations/{name}" for name in list(proposed)[:2]}
    assert any("merged" in words for words in said)
    assert any("20260101000000_notes.sql" in words for words in said)


def test_without_proofs_the_report_says_what_was_not_tried(bench: Bench) -> None:
    allowed = "-- pgassay: allow readable_by_anyone because it is a brochure\n"
    brochure = "create table pages (id int primary key, email text, user_id uuid references auth.users);\n"
    proposed = {"20260101000000_pages.sql": allowed + brochure}
    tried = review(project(USERS, proposed), borrowed(bench))
    report = review(replace(project(USERS, proposed), proofs=False), borrowed(bench))
    assert tried.access
    assert not report.access
    assert [entry.why for entry in report.unchecked if "who may do what" in entry.what] == ["proofs are left out"]
    assert not report.incomplete
    assert "stale_allow" not in {finding.rule for finding in report.findings}


def test_the_same_input_gives_the_same_report(bench: Bench) -> None:
    many = "do $$ begin create table b (); create table a (); create table c (); end $$;"
    proposed = {"20260101000000_many.sql": many}
    reports = [review(project(USERS, proposed), borrowed(bench), today=date(2026, 1, 1)) for _ in range(2)]
    assert reports[0].findings == reports[1].findings
    open_to_all = [finding for finding in reports[0].findings if finding.rule == "missing_rls"]
    assert [finding.facts["table"] for finding in open_to_all] == ["a", "b", "c"]


def own_rule(folder: Path, stage: str, check: str) -> Rule:
    """A rule of a user's own, as it lies in their repository."""
    page = f"---\nstage: {stage}\nseverity: error\nsince: 1.0.0\n---\n# Own rule\n\n> Something about `{{name}}`.\n\n"
    page += "Why.\n\n```sql bad\nselect 1;  -- flagged\n```\n\n## Do this instead\n\n```sql good\nselect 2;\n```\n"
    own = folder / "own"
    own.mkdir(parents=True, exist_ok=True)
    (own / "own_rule.md").write_text(page, encoding="utf-8")
    (own / f"own_rule.{'sql' if stage == 'catalog' else 'py'}").write_text(check, encoding="utf-8")
    (rule,) = load_folder(folder)
    return rule


BROKEN = """from pgassay.model import Match


def check({arguments}):
    yield Match({first}, name="x")
    {fault}
"""
ARGUMENTS = {"history": "history", "static": "statement, migration", "trace": "step", "proof": "outcome"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("None.relation", ":6: AttributeError: 'NoneType' object has no attribute 'relation'; correct the check."),
        ("raise ValueError('too long')", ":6: ValueError: too long; correct the check."),
        ("yield 7", ": its check yields 7, which is no Match; correct the check."),
    ],
)
@pytest.mark.parametrize("stage", ["history", "static", "trace", "proof"])
def test_a_check_that_fails_is_one_clear_error(
    bench: Bench, tmp_path: Path, stage: str, fault: str, words: str
) -> None:
    first = {
        "history": "history.proposed[0].start",
        "static": "statement",
        "trace": "step.statement",
        "proof": "outcome.access[0].at",
    }[stage]
    rule = own_rule(tmp_path, stage, BROKEN.format(arguments=ARGUMENTS[stage], first=first, fault=fault))
    with pytest.raises(CatalogueError) as caught:
        review(project({}, NOTES, rules=(rule,)), borrowed(bench))
    assert str(caught.value).endswith(f"own_rule.py{words}")
    assert "\n" not in str(caught.value)


def test_a_check_that_forgets_to_yield(bench: Bench, tmp_path: Path) -> None:
    check = "from pgassay.model import Match\n\n\ndef check(step):\n    Match(step.statement, name='x')\n"
    with pytest.raises(
        CatalogueError, match=r"own_rule\.py:\d+: TypeError: 'NoneType' object is not iterable; correct"
    ):
        review(project({}, NOTES, rules=(own_rule(tmp_path, "trace", check),)), borrowed(bench))


def test_a_query_that_fails_is_one_clear_error(bench: Bench, tmp_path: Path) -> None:
    query = "select 1::oid as classid, 2::oid as objid, 0 as objsubid, nope as name from pg_class"
    rule = own_rule(tmp_path, "catalog", query)
    with pytest.raises(CatalogueError, match=r'^own_rule\.sql: column "nope" does not exist; try it in psql\.$'):
        review(project({}, NOTES, rules=(rule,)), borrowed(bench))


def test_a_rule_of_ones_own_that_is_right(bench: Bench, tmp_path: Path) -> None:
    query = """
select 'pg_class'::regclass as classid, oid as objid, 0 as objsubid, relname as name
from pg_class where relname = 'notes'
"""
    rule = own_rule(tmp_path, "catalog", query)
    report = review(project({}, NOTES, rules=(rule,)), borrowed(bench))
    assert [(each.rule, each.location.start_line, each.message) for each in report.findings] == [
        ("own_rule", 1, "Something about `notes`.")
    ]


@contextmanager
def killed_during(server: Embedded, statement: str) -> Iterator[None]:
    """Kills the postmaster as soon as a session runs the statement."""
    postmaster = int((server.folder / "cluster/data/postmaster.pid").read_text().split()[0])
    over = threading.Event()

    def kill() -> None:
        running = "select exists (select from pg_stat_activity where pid <> pg_backend_pid() and query ~ %s)"
        while not over.wait(0.01):
            if session.rows(running, (statement,))[0][0]:
                os.kill(postmaster, signal.SIGKILL)
                return

    server.create("watcher")
    with server.connect("watcher") as session:
        thread = threading.Thread(target=kill)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("where", ["merged", "proposed"])
def test_a_server_that_dies_in_the_middle(where: str) -> None:
    sleeping = {"20250102000000_sleep.sql": "select pg_sleep(50);"}
    files = project({**USERS, **sleeping}, NOTES) if where == "merged" else project(USERS, {**NOTES, **sleeping})
    with Embedded() as server:
        folder = server.folder
        with killed_during(server, "pg_sleep.50"):
            started = time.monotonic()
            with pytest.raises(CannotCheck, match=r"died \(killed by SIGKILL\), its last words: .*; run pgassay again"):
                review(files, borrowed(Bench(server)))
            assert time.monotonic() - started < 15
    assert not folder.exists()


def test_a_review_leaves_nothing_on_the_server(bench: Bench, database: str, tmp_path: Path) -> None:
    with bench.server.connect(database) as session:

        def databases() -> list[str]:
            return [name for (name,) in session.rows("select datname::text from pg_database order by 1")]

        review(project(USERS, NOTES), borrowed(bench))
        before = databases()
        broken = own_rule(tmp_path, "catalog", "select 1::oid as classid, 2::oid as objid, 0 as objsubid, nope as name")
        with pytest.raises(CatalogueError):
            review(project(USERS, NOTES, rules=(broken,)), borrowed(bench))
        assert databases() == before
        assert not {"postgres", "pgassay_base", "pgassay_blame"} & set(before)
