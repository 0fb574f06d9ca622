"""What a file does when somebody runs it again, by hand."""

from __future__ import annotations

from pgassay.model import Evidence
from tests.stories.story import Teller, Told

PLANS = {"0001_plans.sql": "create table plans (id int primary key, name text not null, price int not null);\n"}


def again(story: Teller, text: str) -> Told:
    return story(merged=PLANS, proposed={"0002_x.sql": text}, layout="plain", environment="postgres")


def test_what_is_read_is_seen_as_well(story: Teller) -> None:
    told = again(story, "create table colours (id int primary key);\n")
    assert told.only("unguarded_create").evidence is Evidence.OBSERVED
    assert "fails_on_second_run" not in {finding.rule for finding in told.report.findings}


def test_a_guess_is_withdrawn_when_the_second_run_is_clean(story: Teller) -> None:
    told = again(
        story,
        "do $$ begin execute 'drop table if exists colours'; end $$;\ncreate table colours (id int primary key);\n",
    )
    told.says()


def test_rows_that_are_added_again(story: Teller) -> None:
    told = again(
        story,
        "create table if not exists logs (said text);\ndo $$ begin insert into logs values ('hello'); end $$;\n",
    )
    finding = told.only("drifts_on_second_run")
    assert told.place(finding) == "0002_x.sql:2"
    assert finding.facts["tables"] == ("logs",)


def test_each_file_runs_twice_on_what_was_there_when_it_ran_first(story: Teller) -> None:
    """Run after the second file, the first one would fail."""
    told = story(
        merged=PLANS,
        proposed={
            "0002_a.sql": "alter table plans add column if not exists colour text;\nupdate plans set colour = 'red';\n",
            "0003_b.sql": "alter table plans drop column if exists colour;\n",
        },
        layout="plain",
        environment="postgres",
    )
    assert not {"fails_on_second_run", "drifts_on_second_run"} & {finding.rule for finding in told.report.findings}


def test_where_a_runner_runs_each_file_once_nothing_is_tried(story: Teller) -> None:
    told = story(proposed={"20260201000000_x.sql": "create schema colours;\n"})
    told.says()
