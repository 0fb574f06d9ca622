"""SQL that waits for rows: it runs when rows are made, or when a change meets them."""

from __future__ import annotations

import pytest

from pgassay.history import history_of
from pgassay.made import made_on
from pgassay.project import Project
from pgassay.proofs import preservation, stock
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.sql import read
from tests.stories.story import RULES, Teller, Told

PEOPLE = "create table people (id int primary key, name text);\n"
FOLDER = "migrations"


@pytest.fixture
def story(bench: Bench) -> Teller:
    return Teller(bench, tuple(rule for rule in RULES if rule.group == "rows"))


def change(story: Teller, text: str, merged: str = PEOPLE) -> Told:
    proposed = {"0002_x.sql": text}
    return story(merged={"0001_a.sql": merged}, proposed=proposed, layout="plain", environment="postgres")


def notes(told: Told) -> dict[str, str]:
    return {entry.what: entry.why for entry in told.report.unchecked}


def test_a_session_that_ends_where_there_are_rows(story: Teller) -> None:
    told = change(
        story,
        "alter table people alter column name set not null;\n"
        "do $$ begin\n"
        "  if exists (select from people) then perform pg_terminate_backend(pg_backend_pid()); end if;\n"
        "end $$;\n",
    )
    assert "ended the database session" in notes(told)["what the change does to rows"]
    assert not told.report.incomplete


def test_a_loop_that_goes_on_while_there_are_rows(story: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preservation, "_SECONDS", 0.5)
    told = change(story, "do $$ begin while exists (select from people) loop perform 1; end loop; end $$;\n")
    assert notes(told)["all that the change does to rows"] == "it had not ended after 0.5 s"


def test_a_trigger_that_lets_no_row_through(story: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "_SECONDS", 0.5)
    trigger = (
        "create function wait() returns trigger language plpgsql as $$ begin loop perform 1; end loop; end $$;\n"
        "create trigger wait before insert on people for each row execute function wait();\n"
    )
    told = change(story, "alter table people alter column name set not null;\n", PEOPLE + trigger)
    assert "no row could be made to fit" in notes(told)["what the change does to rows of `people`"]


def test_whoever_makes_rows_has_no_power(bench: Bench) -> None:
    """A default, a check and a trigger run with the rights of whoever inserts."""
    power = "current_setting('is_superuser') || ' ' || current_user"
    text = (
        f"create function who() returns text language sql as $$ select {power} $$;\n"
        "create table people (id int primary key, made_by text not null default who(), seen text);\n"
        "create function look() returns trigger language plpgsql as\n"
        f"  $$ begin new.seen := {power}; return new; end $$;\n"
        "create trigger look before insert on people for each row execute function look();\n"
    )
    history = history_of({}, {f"{FOLDER}/1_a.sql": text}, folder=FOLDER, layout="plain", read=read)
    (people,) = made_on(bench, Project(history, Settings(), (), "postgres")).tables
    assert {row["seen"] for row in people.rows} == {"off postgres"}
    assert people.rows[0]["made_by"] == "off postgres"
