"""Foreign keys along which a delete reaches what must stay."""

from __future__ import annotations

import pytest

from pgassay.settings import Cascade, Settings
from tests.stories.story import Teller

ABOUT = ("cascading_delete",)

CHANGE = "20260101000000_change.sql"


def tables(*columns: str) -> str:
    """`users`, `sessions: user_id > users` (on delete cascade) or `sessions: user_id - users` (without)."""
    text = ""
    for each in columns:
        name, _, keys = each.partition(": ")
        made = [f"create table {name} (\n  id bigint primary key"]
        for key in filter(None, keys.split(", ")):
            column, arrow, parent = key.split()
            made.append(f"  {column} bigint references {parent}{' on delete cascade' if arrow == '>' else ''}")
        text += ",\n".join(made) + f"\n);\nalter table {name} enable row level security;\n"
    return text


def merged(*columns: str) -> dict[str, str]:
    return {"20250101000000_base.sql": tables(*columns)}


def test_a_protected_table_directly(story: Teller) -> None:
    told = story(merged=merged("users"), proposed={CHANGE: tables("payments: user_id > users")})
    facts = told.says(f"{CHANGE}:3 cascading_delete").only("cascading_delete").facts
    assert facts["table"] == "users"
    assert facts["deleted"] == facts["protected"] == ["payments"]
    assert facts["referenced"] == "users (id)"


def test_a_chain_over_several_files(story: Teller) -> None:
    proposed = {
        "20260101000000_clients.sql": tables("clients: user_id > users"),
        "20260102000000_sessions.sql": tables("sessions: client_id > clients"),
        "20260103000000_payments.sql": tables("payments: session_id > sessions"),
    }
    told = story(merged=merged("users"), proposed=proposed)
    told.says("20260103000000_payments.sql:3 cascading_delete")
    finding = told.only("cascading_delete")
    assert finding.facts["deleted"] == ["clients", "payments", "sessions"]
    assert finding.label == "users -> clients -> sessions -> payments"


def test_the_link_that_completes_a_chain_is_blamed(story: Teller) -> None:
    base = merged("users", "sessions: user_id - users", "payments: session_id > sessions")
    change = """
alter table sessions drop constraint sessions_user_id_fkey;
alter table sessions add foreign key (user_id) references users on delete cascade;
"""
    told = story(merged=base, proposed={CHANGE: change}).says(f"{CHANGE}:3 cascading_delete")
    assert told.only("cascading_delete").label == "users -> sessions -> payments"


def test_a_reference_to_itself(story: Teller) -> None:
    told = story(proposed={CHANGE: tables("payments: parent_id > payments")})
    told.says(f"{CHANGE}:3 cascading_delete")
    facts = told.only("cascading_delete").facts
    assert (facts["table"], facts["protected"]) == ("payments", ["payments"])


def test_a_reference_to_itself_on_the_way(story: Teller) -> None:
    base = merged("comments: parent_id > comments")
    told = story(merged=base, proposed={CHANGE: tables("payments: comment_id > comments")})
    told.says(f"{CHANGE}:3 cascading_delete")
    assert told.only("cascading_delete").label == "comments -> payments"


def test_a_reference_to_itself_that_reaches_nothing(story: Teller) -> None:
    story(proposed={CHANGE: tables("comments: parent_id > comments")}).says()


def test_a_circle(story: Teller) -> None:
    base = merged("a", "b: a_id > a", "c: b_id > b")
    change = f"alter table a add column c_id bigint references c on delete cascade;\n{tables('payments: b_id > b')}"
    told = story(merged=base, proposed={CHANGE: change})
    told.says(f"{CHANGE}:4 cascading_delete")
    assert told.only("cascading_delete").facts["protected"] == ["payments"]


def test_a_circle_that_is_closed_above_a_payment(story: Teller) -> None:
    base = merged("a", "b: a_id > a", "payments: b_id > b")
    change = "alter table a add column b_id bigint references b on delete cascade;"
    told = story(merged=base, proposed={CHANGE: change}).says(f"{CHANGE}:1 cascading_delete")
    assert told.only("cascading_delete").facts["protected"] == ["payments"]


def test_two_foreign_keys_in_one_statement(story: Teller) -> None:
    told = story(
        merged=merged("users", "teams"), proposed={CHANGE: tables("payments: user_id > users, team_id > teams")}
    )
    told.says(f"{CHANGE}:3 cascading_delete", f"{CHANGE}:4 cascading_delete")
    assert [finding.facts["table"] for finding in told.report.findings] == ["users", "teams"]
    assert len({finding.fingerprint for finding in told.report.findings}) == 2


def test_two_foreign_keys_in_one_alter_table(story: Teller) -> None:
    change = """
alter table payments
  add column note text,
  add column user_id bigint references users on delete cascade,
  add column team_id bigint,
  add constraint by_team foreign key (team_id)
    references teams (id)
    on delete cascade;
"""
    told = story(merged=merged("users", "teams", "payments"), proposed={CHANGE: change})
    told.says(f"{CHANGE}:4 cascading_delete", f"{CHANGE}:8 cascading_delete")


def test_a_delete_that_stops_on_the_way(story: Teller) -> None:
    base = merged("users", "payments: session_id - users")
    story(merged=base, proposed={CHANGE: tables("sessions: user_id > users", "logs: session_id > sessions")}).says()


def test_other_actions(story: Teller) -> None:
    change = """
alter table payments
  add column a bigint references users on delete set null,
  add column b bigint references users on delete set default,
  add column c bigint references users on delete restrict,
  add column d bigint references users on delete no action,
  add column e bigint references users on update cascade;
"""
    story(merged=merged("users", "payments"), proposed={CHANGE: change}).says()


def test_a_do_block(story: Teller) -> None:
    change = """
do $$
begin
  execute 'alter table payments add column user_id bigint references users on delete cascade';
end $$;
"""
    story(merged=merged("users", "payments"), proposed={CHANGE: change}).says(f"{CHANGE}:2 cascading_delete")


def test_a_cascade_that_was_merged(story: Teller) -> None:
    base = merged("users", "payments: user_id > users")
    story(merged=base, proposed={CHANGE: "alter table payments add column note text;"}).says()
    again = (
        "alter table payments drop constraint payments_user_id_fkey, "
        "add foreign key (user_id) references users on delete cascade;"
    )
    story(merged=base, proposed={CHANGE: again}).says(f"{CHANGE}:1 cascading_delete")


def test_a_cascade_in_the_place_of_a_restriction_of_the_change(story: Teller) -> None:
    change = f"""{tables("payments: user_id > users")}
alter table payments drop constraint payments_user_id_fkey;
alter table payments add foreign key (user_id) references users on delete restrict;
"""
    story(merged=merged("users"), proposed={CHANGE: change}).says()


@pytest.mark.parametrize(
    ("protected", "name", "found"),
    [
        (("audit_log",), "audit_log", True),
        (("audit_log",), "payments", False),
        (("*_log",), "audit_log", True),
        (("*_log",), "book_logs", False),
        (("billing.*",), "billing.entries", True),
        (("billing.entries",), "billing.entries", True),
        (("entries",), "billing.entries", False),
        ((), "payments", False),
        (("a.b",), "axb", False),
    ],
)
def test_other_names_are_protected(story: Teller, protected: tuple[str, ...], name: str, found: bool) -> None:
    base = {**merged("users"), "20250102000000_billing.sql": "create schema billing;"}
    told = story(
        merged=base,
        proposed={CHANGE: tables(f"{name}: user_id > users")},
        settings=Settings(cascade=Cascade(protected=protected)),
    )
    told.says(*([f"{CHANGE}:3 cascading_delete"] if found else []))


def test_names_that_say_money(story: Teller) -> None:
    money = ["payments", "payment", "stripe_payments", "invoices", "orders", "ledger"]
    names = [*money, "shop.orders", "payment_plans_log", "border"]
    base = {**merged("users"), "20250102000000_shop.sql": "create schema shop;"}
    told = story(merged=base, proposed={CHANGE: tables(*(f"{name}: user_id > users" for name in names))})
    told.says(*(f"{CHANGE}:{5 * n + 3} cascading_delete" for n in range(len(money))))


def test_partitions_of_a_protected_table_are_one_finding(story: Teller) -> None:
    change = """
create table payments (id bigint primary key, user_id bigint references users on delete cascade)
  partition by range (id);
create table payments_1 partition of payments for values from (0) to (1000);
create table payments_2 partition of payments default;
alter table payments enable row level security;
alter table payments_1 enable row level security;
alter table payments_2 enable row level security;
"""
    told = story(merged=merged("users"), proposed={CHANGE: change}).says(f"{CHANGE}:2 cascading_delete")
    assert told.only("cascading_delete").facts["deleted"] == ["payments"]


def test_a_composite_key(story: Teller) -> None:
    base = "create table lines (a int, b int, primary key (a, b));\nalter table lines enable row level security;"
    change = """
create table payments (
  id bigint primary key,
  x int,
  y int,
  foreign key (x, y) references lines on delete cascade
);
alter table payments enable row level security;
"""
    told = story(merged={"20250101000000_lines.sql": base}, proposed={CHANGE: change})
    told.says(f"{CHANGE}:6 cascading_delete")
    assert told.only("cascading_delete").facts["referenced"] == "lines (a, b)"
