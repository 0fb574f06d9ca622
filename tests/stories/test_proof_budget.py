"""All proofs together have a time, and what did not fit into it is named."""

from __future__ import annotations

from time import monotonic

from pgassay.settings import Proofs, Settings
from tests.stories.story import Teller, Told

ABOUT = ("access", "locks", "rows")

CHANGE = "20260102000000_change.sql"
SLOW = {
    "20260101000000_notes.sql": """
create table notes (id bigint primary key, user_id uuid not null references auth.users (id));
alter table notes enable row level security;
create function slow() returns boolean language sql as 'select pg_sleep(0.5) is not null';
create policy slow on notes for select to authenticated using (slow());
"""
}


def told(story: Teller, seconds: float) -> Told:
    change = "create policy mine on notes for select to authenticated using (user_id = auth.uid());\n"
    settings = Settings(proofs=Proofs(rows=1_000, seconds=seconds))
    return story(merged=SLOW, proposed={CHANGE: change}, settings=settings)


def test_a_proof_that_takes_all_the_time_is_given_up(story: Teller) -> None:
    started = monotonic()
    report = told(story, seconds=1).report
    assert monotonic() - started < 20
    reasons = {entry.what: entry.why for entry in report.unchecked}
    assert reasons["who may do what"] == "it had not come to its end when its time was over"
    assert reasons["what becomes of rows"] == "no time was left"
    assert "what a second run does" not in reasons
    assert not report.access
    assert not report.incomplete
