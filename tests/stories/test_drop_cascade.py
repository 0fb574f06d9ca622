"""What a `cascade` took along."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

ABOUT = ("drop_cascade", "dropped_schema")

CHANGE = "20260101000000_change.sql"
SHOP = {
    "20250101000000_shop.sql": """
create table customers (id bigint primary key, name text);
create table orders (id bigint primary key, customer_id bigint references customers (id));
create view customer_ids with (security_invoker = true) as select id from customers;
create view big_orders with (security_invoker = true) as select id from orders;
create function owns(customer bigint) returns boolean language sql as $$ select customer = 1 $$;
alter table customers enable row level security;
alter table orders enable row level security;
create policy own on orders using (owns(customer_id));
create schema stock;
create table stock.parts (id bigint primary key);
create table stock.bins (id bigint primary key);
"""
}


@pytest.mark.parametrize(
    ("statement", "also"),
    [
        ("drop table customers cascade", ("view customer_ids", "constraint orders_customer_id_fkey on orders")),
        ("drop table customers, orders cascade", ("view customer_ids", "view big_orders")),
        (
            "alter table customers drop column id cascade",
            ("view customer_ids", "constraint orders_customer_id_fkey on orders"),
        ),
        (
            "alter table customers drop constraint customers_pkey cascade",
            ("constraint orders_customer_id_fkey on orders",),
        ),
        ("drop function owns cascade", ("policy own on orders",)),
        (
            "do $$ begin drop table customers cascade; end $$",
            ("view customer_ids", "constraint orders_customer_id_fkey on orders"),
        ),
    ],
)
def test_victims(story: Teller, statement: str, also: tuple[str, ...]) -> None:
    told = story(merged=SHOP, proposed={CHANGE: f"{statement};"}).says(f"{CHANGE}:1 drop_cascade")
    assert set(told.only("drop_cascade").facts["also"]) == set(also)


def test_without_the_word_nothing_goes_along(story: Teller) -> None:
    told = story(merged=SHOP, proposed={CHANGE: "\ndrop table customers;"}).says(f"{CHANGE}:2 does_not_apply")
    assert told.only("does_not_apply").facts["sqlstate"] == "2BP01"


def test_what_is_made_again_later_in_the_change_is_left_out(story: Teller) -> None:
    proposed = {
        CHANGE: "drop table customers cascade;",
        "20260102000000_again.sql": """
create table customers (id bigint primary key, name text);
alter table customers enable row level security;
alter table orders add constraint orders_customer_id_fkey foreign key (customer_id) references customers not valid;
""",
    }
    told = story(merged=SHOP, proposed=proposed).says(f"{CHANGE}:1 drop_cascade")
    assert told.only("drop_cascade").facts["also"] == ("view customer_ids",)


def test_what_the_change_made_itself(story: Teller) -> None:
    change = """
create view names with (security_invoker = true) as select name from customers;
create view short_names with (security_invoker = true) as select left(name, 3) from names;
drop view names cascade;
"""
    story(merged=SHOP, proposed={CHANGE: change}).says()


def test_a_drop_that_is_taken_back(story: Teller) -> None:
    change = "begin;\ndrop table customers cascade;\nrollback;\nselect 1;"
    story(merged=SHOP, proposed={CHANGE: change}).says()


def test_each_cascade_has_its_own_victims(story: Teller) -> None:
    change = "drop view customer_ids cascade;\ndrop function owns cascade;\ndrop table orders cascade;"
    told = story(merged=SHOP, proposed={CHANGE: change}).says(f"{CHANGE}:2 drop_cascade", f"{CHANGE}:3 drop_cascade")
    assert [finding.facts["also"] for finding in told.report.findings] == [
        ("policy own on orders",),
        ("view big_orders",),
    ]


@pytest.mark.parametrize(
    "statement", ["drop schema stock cascade", "set search_path = stock; drop schema stock cascade"]
)
def test_what_goes_with_its_schema_is_told_with_the_schema(story: Teller, statement: str) -> None:
    told = story(merged=SHOP, proposed={CHANGE: f"{statement};"}).says(f"{CHANGE}:1 dropped_schema")
    assert told.only("dropped_schema").facts["tables"] == ("stock.parts", "stock.bins")
