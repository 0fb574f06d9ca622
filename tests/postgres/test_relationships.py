from __future__ import annotations

import pytest

from pgassay.model import Relationship
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.relationships import relationships
from pgassay.postgres.snapshot import snapshot

MERGED = """
create table users (id bigint primary key, email text unique);
create table sessions (id bigint primary key, user_id bigint not null references users on delete cascade);
create table payments (id bigint primary key, session_id bigint references sessions);
create table tags (id bigint primary key);
create table labels (tag_id bigint references tags);
create table refunds (payment_id bigint references payments on delete cascade);
create table letters (payment_id bigint references payments on delete set null);
"""


def between(server: Embedded, database: str, merged: str, change: str) -> tuple[Relationship, ...]:
    with server.connect(database) as session:
        session.run(merged)
        before = snapshot(session)
        session.run(change)
        return relationships(before, snapshot(session))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            "create table clients (user_id bigint primary key references users on delete set null);",
            [Relationship("clients", ("user_id",), "users", "set null", unique=True, is_new=True)],
            id="a new table, and nothing around the table that it refers to",
        ),
        pytest.param(
            "alter table sessions add column note text default 'x not null';",
            [Relationship("sessions", ("user_id",), "users", "cascade")],
            id="a touched table, and nothing that only refers to it",
        ),
        pytest.param(
            "alter table payments alter column id type integer;",
            [
                Relationship("payments", ("session_id",), "sessions", optional=True),
                Relationship("refunds", ("payment_id",), "payments", "cascade", optional=True),
            ],
            id="a touched table, and where a delete goes on from it",
        ),
        pytest.param("create policy all_users on users using (true); create index on sessions (id);", [], id="neither"),
        pytest.param("drop table payments cascade;", [], id="a table that goes"),
        pytest.param(
            "alter table payments drop constraint payments_session_id_fkey, add constraint payments_session_id_fkey "
            "foreign key (session_id) references sessions on update cascade on delete restrict deferrable;",
            [
                Relationship("payments", ("session_id",), "sessions", "restrict", optional=True, is_new=True),
                Relationship("refunds", ("payment_id",), "payments", "cascade", optional=True),
            ],
            id="another action",
        ),
        pytest.param(
            'create schema "B""c"; create table "B""c"."d, e" ("f (g)" bigint, h bigint, unique ("f (g)", h));'
            'create table "i.j" ("k l" bigint not null, "m""n" bigint not null default 1,'
            'foreign key ("k l", "m""n") references "B""c"."d, e" ("f (g)", h) on delete set default);',
            [Relationship("i.j", ("k l", 'm"n'), 'B"c.d, e', "set default", is_new=True)],
            id="odd names",
        ),
    ],
)
def test_foreign_keys_around_a_change(
    server: Embedded, database: str, change: str, expected: list[Relationship]
) -> None:
    assert list(between(server, database, MERGED, change)) == expected


def test_own_unique_columns_in_another_order(server: Embedded, database: str) -> None:
    merged = "create table a (x bigint, y bigint, primary key (x, y));"
    change = "create table b (y bigint, x bigint, unique (y, x), foreign key (x, y) references a);"
    (found,) = between(server, database, merged, change)
    assert found.unique
    assert found.optional
