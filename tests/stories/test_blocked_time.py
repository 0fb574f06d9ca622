"""Who waits for a change, tried out on tables with rows in them."""

from __future__ import annotations

from time import monotonic

from pgassay.settings import Proofs, Settings, Tables
from tests.stories.story import Teller, Told

ABOUT = ("locks",)

UNKNOWN = Tables()
CHANGE = "0002_change.sql"
SHOP = {
    "0001_shop.sql": """
create type colour as enum ('red', 'green');
create table users (id uuid primary key default gen_random_uuid(), email text not null unique, age int);
create unique index users_lower_email on users (lower(email));
create table orders (
  id bigint generated always as identity primary key,
  user_id uuid not null references users (id),
  total numeric not null check (total > 0),
  state varchar(8) not null default 'new' check (state in ('new', 'paid')),
  tax numeric
);
create index on orders (user_id);
create table colours (name colour primary key, used int);
create materialized view totals as select user_id, sum(total) as total from orders group by 1;
"""
}


def told(
    story: Teller,
    change: str,
    *,
    tables: Tables = UNKNOWN,
    rows: int = 1_000,
    seconds: float = 20,
    merged: str = "",
) -> Told:
    settings = Settings(proofs=Proofs(rows=rows, seconds=seconds), tables=tables)
    texts = {**SHOP, "0001_zz.sql": merged} if merged else SHOP
    return story(merged=texts, proposed={CHANGE: change}, layout="plain", environment="postgres", settings=settings)


def not_checked(told: Told) -> list[str]:
    """Of this proof; the others have their own."""
    return [
        f"{each.what}: {each.why}" for each in told.report.unchecked if each.what.startswith("how long others wait")
    ]


BACKFILL = """
alter table users add column score int;
update users set score = age;
insert into orders (user_id, total) select id, 1 from users;
update users set age = 3 where email = 'b@example.com';
insert into colours values ('red', 1);
"""


def test_work_under_a_lock_that_an_earlier_statement_took(story: Teller) -> None:
    finding = told(story, BACKFILL).says(f"{CHANGE}:3 blocks_reads").only("blocks_reads")
    assert finding.facts["tables"] == ("users",)
    assert (finding.facts["locker"], finding.facts["line"]) == ("alter table users add column score int", 2)
    assert finding.facts["more"] == 1
    assert finding.seen
    assert finding.seen.startswith("a session that wanted to read waited for it (about 0.")
    assert finding.seen.endswith(" s on 1,000 rows here)")


def test_rows_in_production_scale_it_and_few_of_them_make_it_nothing(story: Teller) -> None:
    many = told(story, BACKFILL, tables=Tables(rows={"users": 500_000_000})).only("blocks_reads")
    assert many.facts["rows"] == 500_000_000
    assert "With 500,000,000 rows it is about" in many.message
    told(story, BACKFILL, tables=Tables(rows={"users": 900})).says()


def test_few_rows_tell_who_waits_and_many_for_how_long(story: Teller) -> None:
    """Where many take too long it is said all the same, without a time."""
    merged = """
create function slowly() returns trigger language plpgsql as $$
begin
  perform pg_sleep(0.01) from pg_class where oid = tg_relid and reltuples > 5000;
  return new;
end $$;
create trigger slowly before update on users for each row execute function slowly();
"""
    report = told(story, BACKFILL, merged=merged, rows=10_000, seconds=3).says(f"{CHANGE}:3 blocks_reads")
    assert report.only("blocks_reads").seen == "a session that wanted to read waited for it"
    assert not_checked(report) == ["how long others wait for `users`: no time was left"]


def test_what_the_family_says_has_the_measured_fact(story: Teller) -> None:
    change = """
alter table users alter column age type bigint;
create index on orders (state);
alter table users alter column age set not null;
alter table orders add foreign key (id) references orders not valid;
"""
    expected = ("2 table_rewrite", "3 blocking_index_build", "4 scan_under_exclusive_lock")
    report = told(story, change).says(*(f"{CHANGE}:{each}" for each in expected))
    for finding in report.report.findings:
        assert finding.facts["tried"] == 1_000, (finding.rule, not_checked(report))
        assert "others waited for it, about" in (finding.seen or "")
    assert report.only("blocking_index_build").facts["meanwhile"] == ("users",)
    assert report.only("table_rewrite").facts["meanwhile"] == ()


def test_only_writers_wait(story: Teller) -> None:
    change = """
create table taxes (order_id bigint primary key references orders, amount numeric not null);
insert into taxes select id, total * 0.2 from orders;
"""
    finding = told(story, change).says(f"{CHANGE}:3 blocks_writes").only("blocks_writes")
    assert (finding.facts["tables"], finding.facts["grows"]) == (("orders",), ("orders",))
    assert finding.facts["locker"] == "create table taxes"


def test_what_runs_in_no_transaction(story: Teller) -> None:
    """Others come while it stands behind a reader, and queue up behind it."""
    change = "-- +goose Up\n-- +goose no transaction\nvacuum full orders;\nreindex index concurrently orders_pkey;\n"
    finding = told(story, change).says(f"{CHANGE}:3 blocks_reads").only("blocks_reads")
    assert finding.facts["quiet"] == "vacuum"


def test_a_materialized_view_and_a_body(story: Teller) -> None:
    change = """
do $$ begin
  lock table orders in share mode;
  if not exists (select from orders where state = 'paid') then
    update orders set tax = 1;
  end if;
end $$;
commit;
refresh materialized view totals;
"""
    found = told(story, change).says(f"{CHANGE}:2 blocks_writes", f"{CHANGE}:9 blocks_reads")
    assert found.only("blocks_reads").facts["concurrently"] == "refresh materialized view concurrently totals"


def test_what_takes_a_moment_only_is_nothing(story: Teller) -> None:
    change = """
alter table users add column nick text default 'x';
create policy own on orders using (true);
alter table orders add check (tax > 0) not valid;
do $$ begin if exists (select from orders where state = 'odd') then raise 'no'; end if; end $$;
truncate colours;
drop table colours;
"""
    report = told(story, change).says_at_least_that_it_found()
    assert "prove" in report.report.seconds
    assert not_checked(report) == []


def test_what_could_not_be_tried_is_not_checked(story: Teller) -> None:
    report = told(story, "create index on colours (used);\nalter table orders alter column tax set not null;")
    report.says(f"{CHANGE}:1 blocking_index_build", f"{CHANGE}:2 scan_under_exclusive_lock")
    (note,) = not_checked(report)
    assert note.startswith("how long others wait for `colours`: no rows could be made to fit: duplicate key value")


def test_rows_that_never_end_are_stopped(story: Teller) -> None:
    merged = """
create function forever() returns trigger language plpgsql as $$
begin
  loop
    begin
      perform pg_sleep(1);
    exception when query_canceled then null;
    end;
  end loop;
end $$;
create trigger forever before update of age on users for each row when (old.age is null) execute function forever();
"""
    change = "set statement_timeout = 0;\nalter table users add column score int;\nupdate users set age = 1;"
    started = monotonic()
    report = told(story, change, merged=merged, seconds=2).says()
    assert monotonic() - started < 30
    (note,) = not_checked(report)
    assert note.startswith("how long others wait for `users`: ")


def test_without_time_there_are_no_proofs(story: Teller) -> None:
    report = told(story, BACKFILL, seconds=0).says()
    assert not_checked(report) == ["how long others wait for `users`: no time was left"]
