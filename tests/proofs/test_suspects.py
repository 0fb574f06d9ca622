"""Which statements are worth a try, by what the replay has seen of them."""

from __future__ import annotations

import pytest

from pgassay.proofs.suspects import has_a_rule, suspects
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch

BASE = """
create table users (id bigint primary key, age integer, kind text);
create table posts (id bigint primary key, user_id bigint);
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create materialized view ages as select age from users;
"""
CHANGE = """
create table notes (user_id bigint references users);
insert into notes select id from users;
alter table posts add column kind text;
update posts set kind = 'x';
update users set age = 3 where id = 7;
refresh materialized view ages;
truncate posts;
create index on notes (user_id);
create index on events (id);
commit;
lock table users;
do $$ begin if exists (select from users where age = 3) then raise 'no'; end if; end $$;
commit;
update posts set kind = 'y';
"""


@pytest.fixture
def watch(bench: Bench) -> Watch:
    return Watch(bench)


def test_what_goes_through_a_table_while_one_is_locked(watch: Watch) -> None:
    found = {
        suspect.step.statement.location.start_line: (
            [each.name for each in suspect.locked],
            [each.name for each in suspect.slow],
            suspect.kept(),
            has_a_rule(suspect),
        )
        for suspect in suspects(watch(CHANGE, merged=BASE).steps).values()
    }
    assert found == {
        3: (["users"], ["users"], (), False),
        5: (["posts", "users"], ["posts"], ("posts",), False),
        7: (["ages", "posts", "users"], ["users", "ages"], ("posts",), False),
        10: (["ages", "events", "posts", "users"], ["events_2025"], ("ages", "posts"), True),
    }


def test_who_took_the_lock(watch: Watch) -> None:
    found = {
        each.step.statement.location.start_line: each for each in suspects(watch(CHANGE, merged=BASE).steps).values()
    }
    update, refresh = found[5], found[7]
    by = update.since(("posts",), for_readers=True)
    assert by
    assert by.text == "alter table posts add column kind text"
    assert refresh.since(("ages", "posts"), for_readers=True) is None
    earlier = found[3].since(("users",), for_readers=False)
    assert earlier
    assert earlier.text.startswith("create table notes")
