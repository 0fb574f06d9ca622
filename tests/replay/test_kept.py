"""A base that was applied before gives the same report, without being applied again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pgassay.history import history_of
from pgassay.model import Report
from pgassay.pipeline import review
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.store import Store
from pgassay.project import Project
from pgassay.replay import kept
from pgassay.replay.bench import Bench, template
from pgassay.settings import Settings
from pgassay.sql import read
from pgassay.stages.plan import plan_of

FOLDER = "supabase/migrations"
MERGED = {
    f"{FOLDER}/{20250101000000 + n}_table.sql": f"create table t{n} (id int primary key);\n"
    f"alter table t{n} enable row level security;\n"
    for n in range(20)
}
SEED = f"{FOLDER}/20250201000000_seed.sql"
STAND_IN = f"{FOLDER}/20250202000000_jobs.sql"
NEW = f"{FOLDER}/20250301000000_new.sql"


def project(merged: dict[str, str], new: str) -> Project:
    history = history_of(merged, {**merged, NEW: new}, folder=FOLDER, layout="supabase", read=read)
    return Project(history, Settings(), (), "supabase")


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Project], tuple[Report, bool]]:
    """Reviews with a store of the test's own; tells whether the base was there already."""
    store = Store(tmp_path / "store")

    def review_once(project: Project) -> tuple[Report, bool]:
        found = []

        @contextmanager
        def server():  # type: ignore[no-untyped-def]
            with Embedded(template=template("supabase"), store=store, base=kept.name(plan_of(project))) as embedded:
                found.append(embedded.info.note is not None)
                yield Bench(embedded, embedded.keep)

        report = review(project, server())
        return replace(report, seconds={}), found[0]

    return review_once


def test_the_second_run_says_the_same(run: Callable[[Project], tuple[Report, bool]]) -> None:
    merged = {
        **MERGED,
        SEED: "insert into t1 values (1), (1);\ncreate table late (id int);\n",
        STAND_IN: "create extension pg_cron;\n",
    }
    change = project(merged, "alter table late add column note text;\nalter table t3 add column u uuid;\n")
    first, was_there = run(change)
    assert not was_there
    second, was_there = run(change)
    assert was_there
    assert second == first
    assert first.migrations.base_failed == 1
    assert any("pg_cron" in entry.what for entry in first.unchecked)


def test_another_change_on_the_same_base_finds_it(run: Callable[[Project], tuple[Report, bool]]) -> None:
    run(project(MERGED, "alter table t3 add column a int;\n"))
    report, was_there = run(project(MERGED, "alter table t3 add column b int;\n"))
    assert was_there
    assert [change.name for change in report.schema_change] == ["t3.b"]


class TestName:
    def test_a_changed_base_is_another(self) -> None:
        names = {
            kept.name(plan_of(project(merged, "select 1;\n")))
            for merged in (
                MERGED,
                {**MERGED, SEED: "select 1;\n"},
                {**MERGED, SEED: "select 2;\n"},
                {**MERGED, SEED: ""},
            )
        }
        assert len(names) == 4
        assert None not in names

    def test_a_small_one_is_not_kept(self) -> None:
        few = dict(list(MERGED.items())[:5])
        assert kept.name(plan_of(project(few, "select 1;\n"))) is None
