"""Each attack through the whole pipeline: nothing leaks, it ends in time with what must be said, the next run works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pgassay.catalogue.load import builtin_rules
from pgassay.errors import CannotCheck
from pgassay.history import history_of
from pgassay.model import Report, Verdict
from pgassay.pipeline import review
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.limits import Limits
from pgassay.postgres.store import Store
from pgassay.project import Project
from pgassay.render import render
from pgassay.replay.bench import Bench, template
from pgassay.settings import Settings
from pgassay.sql import read
from pgassay.stages.plan import plan_of
from tests.hostile.attack import MIGRATIONS, Attack, Expected, attacks
from tests.hostile.canaries import Canaries, canaries

LIMITS = Limits(statement=2.0, cancel=0.5, terminate=2.0, run=40.0, disk=400 << 20)
IN_TIME = 60.0
HARMLESS = {f"{MIGRATIONS}/20260101000000_notes.sql": "create schema if not exists app;\n"}


@contextmanager
def bench(project: Project, store: Store, limits: Limits = LIMITS, canary: Canaries | None = None) -> Iterator[Bench]:
    plan = plan_of(project)
    environment = template(plan.environment, plan.privileges.at_first)
    with Embedded(limits=limits, template=environment, store=store) as server:
        if canary:
            canary.make_database(server)
        try:
            yield Bench(server)
        finally:
            if canary:
                canary.check_unseen(server.folder)
                if server.alive():
                    canary.check_database(server)
        folder = server.folder
    assert not folder.exists()


def project(proposed: dict[str, str], merged: dict[str, str] | None = None) -> Project:
    merged = merged or {}
    history = history_of(merged, {**merged, **proposed}, folder=MIGRATIONS, layout="supabase", read=read)
    return Project(history, Settings(), builtin_rules(), "supabase")


def found_in(report: Report) -> set[tuple[Expected, str]]:
    return {
        (
            Expected(each.location.path, each.location.start_line, each.rule, ""),
            f"{each.message} {each.seen} {each.instead}",
        )
        for each in report.findings
    }


def check_findings(attack: Attack, report: Report) -> None:
    found = found_in(report)
    for wanted in attack.expected:
        texts = [
            text for each, text in found if (each.path, each.line, each.rule) == (wanted.path, wanted.line, wanted.rule)
        ]
        assert not wanted.required or any(wanted.words in text for text in texts), (wanted, sorted(found))
    allowed = {(each.path, each.line) for each in attack.expected if each.rule == "does_not_apply"}
    for words in attack.notes:
        assert any(words in f"{each.what} {each.why}" for each in report.unchecked), (words, report.unchecked)
    refused = {(each.path, each.line) for each, _ in found if each.rule == "does_not_apply"}
    assert refused <= allowed, sorted(found)


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_attack(attack: Attack, store: Store) -> None:
    with canaries() as canary:
        merged = {path: canary.fill_in(text) for path, text in attack.merged.items()}
        proposed = {path: canary.fill_in(text) for path, text in attack.proposed.items()}
        attacked = project(proposed, merged)
        started = time.monotonic()
        try:
            report = review(attacked, bench(attacked, store, replace(LIMITS, **attack.limits), canary))
        except CannotCheck as error:
            words = str(error)
            assert any(each in words for each in attack.ends), words
            assert "\n" not in words
            assert len(words) < 2000
        else:
            assert not attack.ends_for_certain, "the run did not end as it must"
            words = render(report, "json")
            check_findings(attack, report)
        assert time.monotonic() - started < IN_TIME
        assert canary.secret not in words
        assert canary.database_secret not in words
        canary.check()
    harmless = project(HARMLESS)
    report = review(harmless, bench(harmless, store))
    assert (report.verdict, report.findings, report.incomplete) == (Verdict.PASS, (), False)
    assert report.migrations.applied == 1


def test_attacks_say_what_they_are() -> None:
    for path in sorted((Path(__file__).parent / "attacks").glob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("-- Tries "), path.name
        assert any(line.startswith("-- Must ") for line in lines), path.name
