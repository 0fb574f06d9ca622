"""Faults put into one schema: each has to show in the cells of the matrix, most of them in a finding too."""

from __future__ import annotations

from pgassay.model import Reach
from tests.stories.story import Teller

OWNED = "create table {0} (id bigint primary key, user_id uuid not null references auth.users (id), body text);\n"
GUARDED = OWNED + "alter table {0} enable row level security;\n"
OWN = "create policy own on {0} for {1} to authenticated using (user_id = (select auth.uid()));\n"
SCHEMA = (
    OWNED.format("open")
    + GUARDED.format("shown")
    + "create policy shown on shown for select to anon using (body is distinct from 'secret');\n"
    + GUARDED.format("shared")
    + "create policy read on shared for select to authenticated using ((select auth.uid()) is not null);\n"
    + "create policy write on shared for update to authenticated using (body is distinct from 'final');\n"
    + GUARDED.format("planted")
    + "create policy plant on planted for insert to authenticated with check (true);\n"
    + OWN.format("planted", "select")
    + GUARDED.format("endless")
    + "create policy endless on endless for all to authenticated using (\n"
    "  exists (select from endless e where e.user_id = (select auth.uid())));\n"
    + GUARDED.format("silent")
    + GUARDED.format("private")
    + OWN.format("private", "all")
    + "create view through as select id, user_id, body from private;\n"
    + "create view asking with (security_invoker) as select id, user_id, body from private;\n"
    + "create materialized view copied as select user_id, body from private;\n"
    + GUARDED.format("asserting")
    + "create function asserted() returns boolean language plpgsql as 'begin assert false; return true; end';\n"
    + "create policy asserting on asserting for select to authenticated using (asserted());\n"
)
ANON, USER = "anon", "authenticated"
CELLS = [
    ("open", ANON, "delete", Reach.ALL_ROWS),
    ("open", USER, "insert", Reach.ALL_ROWS),
    ("shown", ANON, "select", Reach.ALL_ROWS),
    ("shown", USER, "select", Reach.NO_POLICY),
    ("shared", ANON, "select", Reach.NO_POLICY),
    ("shared", USER, "select", Reach.ALL_ROWS),
    ("shared", USER, "update", Reach.ALL_ROWS),
    ("planted", USER, "insert", Reach.ALL_ROWS),
    ("planted", USER, "select", Reach.OWN_ROWS),
    ("endless", USER, "select", Reach.ERROR),
    ("endless", USER, "delete", Reach.ERROR),
    ("silent", USER, "select", Reach.NO_POLICY),
    ("private", USER, "update", Reach.OWN_ROWS),
    ("private", "service_role", "select", Reach.ALL_ROWS),
    ("through", ANON, "select", Reach.ALL_ROWS),
    ("through", ANON, "insert", Reach.ALL_ROWS),
    ("asking", ANON, "update", Reach.NO_ROWS),
    ("asking", USER, "delete", Reach.OWN_ROWS),
    # It is empty until it is refreshed, and nothing is said of what cannot be tried.
    ("copied", ANON, "select", Reach.UNDECIDED),
    ("asserting", USER, "select", Reach.UNDECIDED),
]
FOUND = {
    "definer_view",
    "exposed_materialized_view",
    "missing_rls",
    "recursive_policy",
    "writable_across_users",
    "writable_by_anyone",
}


def test_planted_faults(story: Teller) -> None:
    told = story(proposed={"20260201000000_faults.sql": SCHEMA})
    reached = {(each.name, cell.role, cell.action): cell.after for each in told.report.access for cell in each.cells}
    wrong = {cell: reached.get(cell[:3]) for cell in CELLS if reached.get(cell[:3]) is not cell[3]}
    assert not wrong
    assert {finding.rule for finding in told.report.findings} >= FOUND
