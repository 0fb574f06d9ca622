"""A change on top of rows: what stops there, and what is gone afterwards."""

from __future__ import annotations

from pgassay.settings import Settings, Tables
from tests.stories.story import Teller, Told

ABOUT = ("rows", "narrowed_type", "dropped_enum_value_by_recreation")

SHOP = """\
create type mood as enum ('good', 'bad', 'sad');
create table people (id bigint generated always as identity primary key, email text, score numeric, mood mood);
create table orders (
  id bigint generated always as identity primary key,
  person_id bigint not null references people (id) on delete cascade,
  guide_id bigint references people (id) on delete set null,
  code text not null,
  pieces bigint not null default 1,
  price numeric(10, 2) not null check (price >= 0)
);
create table stores (id int primary key, name text not null unique);
create schema archive;
create table archive.orders (id bigint primary key);
"""


def change(story: Teller, text: str, settings: Settings | None = None) -> Told:
    return story(
        merged={"0001_shop.sql": SHOP},
        proposed={"0002_x.sql": text},
        layout="plain",
        environment="postgres",
        settings=settings or Settings(),
    )


def test_every_kind_of_row_that_stops_a_statement(story: Teller) -> None:
    told = change(
        story,
        "alter table people alter column email set not null;\n"
        "alter table orders add constraint one_code_each unique (code, pieces);\n",
    )
    told.says("0002_x.sql:1 fails_on_some_rows", "0002_x.sql:2 fails_on_some_rows")
    told = change(story, "alter table orders add check (price > 0);\nalter table people add check (score < 1000);\n")
    told.says("0002_x.sql:1 fails_on_some_rows", "0002_x.sql:2 fails_on_some_rows")
    first, second = told.report.findings
    assert first.facts["held"] == ("price = 0.00",)
    assert first.facts["find"] == "select * from orders where not ((price > (0)::numeric))"
    assert second.facts["held"] == ("score = 123456789.987654321",)


def test_a_type_that_does_not_take_a_value(story: Teller) -> None:
    """What the types alone tell is said by the rules that compare them."""
    told = change(
        story,
        "alter table people alter column email type uuid using email::uuid;\n"
        "alter table orders\n"
        "  alter column code type varchar(20),\n"
        "  alter column pieces type int;\n",
    )
    told.says("0002_x.sql:1 fails_on_some_rows", "0002_x.sql:3 narrowed_type", "0002_x.sql:4 narrowed_type")
    told = change(
        story,
        "alter type mood rename to mood_before;\ncreate type mood as enum ('good', 'bad');\n"
        "alter table people alter column mood type mood using mood::text::mood;\ndrop type mood_before;\n",
    )
    told.says("0002_x.sql:3 dropped_enum_value_by_recreation")


def test_whatever_the_rows_hold(story: Teller) -> None:
    told = change(
        story,
        "alter table orders add column note text not null;\n"
        "alter table people add column plan text default 'free', add constraint known check (plan in ('a', 'b'));\n"
        "alter table stores add column zone int not null default 1 unique;\n",
    )
    told.says(*(f"0002_x.sql:{n} fails_on_existing_rows" for n in (1, 2, 3)))
    assert told.report.findings[2].message.startswith("This fails as soon as `stores` has two rows")
    told = change(
        story,
        'alter table orders add column "inStore" int default 1;\n'
        'create unique index on orders ("inStore", lower(code));\n'
        'alter table people add column "inStore" int default 1, add unique ("inStore");\n',
    )
    told.says("0002_x.sql:2 fails_on_some_rows", "0002_x.sql:3 fails_on_existing_rows")
    settings = Settings(tables=Tables(rows={"orders": 0}))
    change(story, "alter table orders add column note text not null;\n", settings).says()


def test_what_the_change_puts_right_itself(story: Teller) -> None:
    change(
        story,
        "update people set email = 'x' || id where email is null;\n"
        "alter table people alter column email set not null;\n"
        "alter table orders add column note text;\n"
        "do $$ begin update orders set note = code; end $$;\n"
        "alter table orders alter column note set not null;\n"
        "delete from orders where guide_id is null;\n"
        "alter table orders alter column guide_id set not null;\n"
        "alter table orders add constraint cheap check (price < 5) not valid;\n"
        "alter table orders validate constraint cheap;\n",
    ).says()


def test_made_up_rows_in_the_way_of_a_seed_say_nothing(story: Teller) -> None:
    change(
        story,
        "insert into stores (id, name) values (1, 'a-name'), (2, 'b-name');\n"
        "do $$ begin\n"
        "  if exists (select from orders) then raise exception 'not here'; end if;\n"
        "  insert into stores values (3, 'c-name');\n"
        "end $$;\n",
    ).says()


def test_updates_and_copies_that_stop(story: Teller) -> None:
    """What comes after one has other rows than it would have."""
    update = "update orders set price = -1 where guide_id is null;\n"
    told = change(story, update + "alter table orders alter column guide_id set not null;\n")
    told.says("0002_x.sql:1 fails_on_some_rows")
    told = change(story, "create table codes (code text primary key);\ninsert into codes select code from orders;\n")
    told.says("0002_x.sql:2 fails_on_some_rows")


def test_rows_that_go_without_a_word(story: Teller) -> None:
    told = change(story, "delete from people where email is null;\n")
    told.says("0002_x.sql:1 loses_rows")
    told = change(
        story,
        "create table orders_new (like orders including all);\n"
        "insert into orders_new overriding system value\n"
        "  select o.* from orders o join people p on p.id = o.guide_id;\n"
        "drop table orders;\n"
        "alter table orders_new rename to orders;\n",
    )
    told.says("0002_x.sql:4 loses_rows")
    assert told.only("loses_rows").facts["again"] == "orders"


def test_values_that_go_without_a_word(story: Teller) -> None:
    told = change(
        story,
        "alter table orders alter column person_id drop not null;\n"
        "alter table orders drop column code;\n"
        "alter table orders add column code text;\n"
        "alter table people alter column mood type text using null;\n",
    )
    told.says("0002_x.sql:2 loses_values", "0002_x.sql:4 loses_values")


def test_a_table_that_is_copied_whole(story: Teller) -> None:
    change(
        story,
        "create table people_new (id bigint generated always as identity primary key, email text, score numeric,\n"
        "  mood mood, since date);\n"
        "insert into people_new (id, email, score, mood) overriding system value\n"
        "  select id, email, score, mood from people;\n"
        "alter table orders drop constraint orders_person_id_fkey, drop constraint orders_guide_id_fkey;\n"
        "drop table people;\n"
        "alter table people_new rename to people;\n"
        "alter table orders add foreign key (person_id) references people (id),\n"
        "  add foreign key (guide_id) references people (id);\n",
    ).says()
