"""The kind of a statement is the tag that a real server answers with."""

from __future__ import annotations

import pytest

from pgassay.postgres.connection import open_connection
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.provider import SUPERUSER
from pgassay.sql.tags import TRANSACTION_TAGS, object_words

from .spots import only, parsed

# Each may use what those above it made.
RUN_IN_ORDER = """
create schema s;
alter schema s rename to s2;
create type mood as enum ('a', 'b');
alter type mood add value 'c';
alter type mood rename value 'c' to 'd';
create type pair as (a int, b int);
alter type pair rename attribute b to c;
alter type pair add attribute d int;
create type span as range (subtype = int4);
create type later;
create domain amount as int;
alter domain amount set default 1;
alter domain amount add constraint positive check (value > 0);
alter domain amount rename constraint positive to above;
create sequence q;
alter sequence q increment 2;
alter sequence q rename to q2;
create table a (id int primary key, x text, y int[]);
create table b as select 1 as id with no data;
create temp table c as table b with no data;
select 1 as id into d;
create table p (id int) partition by range (id);
create table p1 partition of p for values from (1) to (2);
alter table p detach partition p1;
alter table a add column z int default 1, drop column y;
alter table a rename column z to zz;
alter table a rename to a2;
alter table a2 rename to a;
alter table a add constraint c check (id > 0);
alter table a rename constraint c to c2;
alter table a enable row level security;
create index i on a (x);
create index concurrently j on a (zz);
alter index i rename to i2;
alter index i2 set (fillfactor = 90);
reindex table a;
create statistics st on id, x from a;
alter statistics st set statistics 10;
create view v as select * from a;
create or replace view v as select * from a;
alter view v rename column x to xx;
alter view v alter column id set default 1;
alter table v rename to v2;
create materialized view m as select 1 as id with no data;
alter materialized view m rename to m2;
alter materialized view m2 rename column id to id2;
refresh materialized view m2;
create function f(a int) returns int language sql as 'select 1';
create function t() returns trigger language plpgsql as 'begin return new; end';
create procedure r() language sql as 'select 1';
alter function f(int) stable;
alter function f(int) rename to g;
alter procedure r() security definer;
alter routine g(int) strict;
create aggregate total(int) (sfunc = int4pl, stype = int4, initcond = '0');
alter aggregate total(int) rename to total2;
create operator === (leftarg = int4, rightarg = int4, function = int4eq);
alter operator === (int4, int4) set (restrict = eqsel);
create operator family of using btree;
create operator class oc for type int4 using hash as operator 1 = ;
alter operator family of using btree rename to of2;
create collation co from "C";
alter collation co rename to co2;
create conversion conv for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
create text search dictionary dict (template = simple);
alter text search dictionary dict (stopwords = 'english');
create text search configuration conf (copy = simple);
alter text search configuration conf drop mapping for word;
create cast (pair as mood) with inout;
create role tag_r;
create user tag_u;
alter role tag_r set search_path = public;
alter user tag_u with login;
alter group tag_r add user tag_u;
alter role tag_u rename to tag_v;
grant tag_r to tag_v;
revoke tag_r from tag_v;
reassign owned by tag_v to tag_r;
drop owned by tag_v;
drop role tag_r, tag_v;
create publication pub;
alter publication pub add table a;
drop publication pub;
create function et() returns event_trigger language plpgsql as 'begin end';
create event trigger ev on ddl_command_end execute function et();
alter event trigger ev disable;
drop event trigger ev;
create foreign data wrapper w;
alter foreign data wrapper w rename to w2;
create server srv foreign data wrapper w2;
alter server srv version '2';
alter server srv rename to srv2;
create user mapping for current_user server srv2;
alter user mapping for current_user server srv2 options (a 'b');
drop user mapping for current_user server srv2;
create foreign table ft (a int) server srv2;
alter foreign table ft add column b int;
alter foreign table ft rename column a to c;
drop foreign table ft;
drop server srv2;
drop foreign data wrapper w2;
create text search template tem (lexize = dsimple_lexize);
drop text search template tem;
create text search parser par (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
drop text search parser par;
create access method am type index handler bthandler;
drop access method am;
create language lang handler plpgsql_call_handler;
drop language lang;
alter extension plpgsql add function et();
alter extension plpgsql drop function et();
checkpoint;
create policy po on a using (true);
alter policy po on a rename to po2;
alter policy po2 on a using (false);
create trigger tr before insert on a for each row execute function t();
alter trigger tr on a rename to tr2;
create rule ru as on insert to b do also notify x;
alter rule ru on b rename to ru2;
comment on table a is 'x';
grant select on a to public;
revoke select on a from public;
alter default privileges grant select on tables to public;
alter table a owner to current_user;
alter view v2 set schema s2;
alter function g(int) depends on extension plpgsql;
insert into a (id) values (1), (2);
update a set x = 'y';
delete from a where id = 2;
merge into a using b on a.id = b.id when matched then do nothing;
select * from a;
with x as (delete from b returning id) select * from x;
values (1), (2);
table a;
truncate a;
explain select 1;
analyze a;
vacuum a;
cluster a using a_pkey;
do $$ begin perform 1; end $$;
call r();
set search_path = public;
set local lock_timeout = '1s';
reset search_path;
show search_path;
prepare ps as select 1;
explain execute ps;
deallocate ps;
listen ch;
notify ch;
unlisten ch;
begin;
savepoint sp;
rollback to sp;
release sp;
lock table a;
declare cu cursor for select 1;
fetch cu;
move cu;
close cu;
set constraints all immediate;
commit;
start transaction;
rollback;
begin;
end;
begin;
abort;
discard plans;
discard sequences;
discard temp;
discard all;
reset all;
set session characteristics as transaction read write;
set constraints all deferred;
alter table a set schema s2;
alter table s2.a set schema public;
alter type pair set schema s2;
alter domain amount set schema s2;
alter domain s2.amount set schema public;
alter type s2.pair set schema public;
drop rule ru2 on b;
drop trigger tr2 on a;
drop policy po2 on a;
drop cast (pair as mood);
drop text search configuration conf;
drop text search dictionary dict;
drop conversion conv;
drop collation co2;
drop operator family of2 using btree;
drop operator class oc using hash;
drop operator === (int4, int4);
drop aggregate total2(int);
drop procedure r();
drop routine g(int);
drop function t();
drop materialized view m2;
drop view s2.v2;
drop statistics st;
drop index concurrently j;
drop table a, b, d, p, p1;
drop sequence q2;
drop domain amount;
drop type mood, pair;
drop schema s2 cascade;
"""

# What takes another server, a directory or a library to run, with its name in cmdtaglist.h.
NOT_RUN = {
    "create database d": "CREATE DATABASE",
    "alter database d set search_path = public": "ALTER DATABASE",
    "alter database d rename to e": "ALTER DATABASE",
    "alter database d owner to r": "ALTER DATABASE",
    "alter database d refresh collation version": "ALTER DATABASE",
    "drop database d": "DROP DATABASE",
    "create tablespace t location '/t'": "CREATE TABLESPACE",
    "alter tablespace t rename to u": "ALTER TABLESPACE",
    "alter tablespace t set (random_page_cost = 1)": "ALTER TABLESPACE",
    "drop tablespace t": "DROP TABLESPACE",
    "alter system set work_mem = 1": "ALTER SYSTEM",
    "load 'x'": "LOAD",
    "execute p": "EXECUTE",
    "create extension pgcrypto": "CREATE EXTENSION",
    "alter extension pgcrypto update": "ALTER EXTENSION",
    "alter extension pgcrypto set schema s": "ALTER EXTENSION",
    "drop extension pgcrypto": "DROP EXTENSION",
    "create subscription s connection '' publication p": "CREATE SUBSCRIPTION",
    "alter subscription s disable": "ALTER SUBSCRIPTION",
    "drop subscription s": "DROP SUBSCRIPTION",
    "import foreign schema s from server s into t": "IMPORT FOREIGN SCHEMA",
    "create transform for int language sql (from sql with function f(internal))": "CREATE TRANSFORM",
    "drop transform for int language sql": "DROP TRANSFORM",
    "security label on table t is 'x'": "SECURITY LABEL",
    "copy t from stdin": "COPY",
    "alter large object 1 owner to r": "ALTER LARGE OBJECT",
    "prepare transaction 'x'": "PREPARE TRANSACTION",
    "commit prepared 'x'": "COMMIT PREPARED",
    "rollback prepared 'x'": "ROLLBACK PREPARED",
}


@pytest.fixture
def answers(server: Embedded, database: str) -> list[tuple[str, str]]:
    """Every statement above and the tag of the server's answer, without its row count."""
    (socket,) = (each for each in server.folder.rglob(".s.PGSQL.*") if each.is_socket())
    answered = []
    with open_connection(str(socket.parent), database, SUPERUSER) as connection:
        for statement in parsed(RUN_IN_ORDER):
            result = connection.pgconn.exec_(statement.text.encode())
            assert not result.error_message, f"{statement.text}: {result.error_message.decode()}"
            answered.append((statement.text, (result.command_status or b"").decode().rstrip(" 0123456789")))
    return answered


def test_the_server_answers_with_the_kind(answers: list[tuple[str, str]]) -> None:
    assert len(answers) > 150
    assert {text: only(text).kind for text, _ in answers} == dict(answers)


@pytest.mark.parametrize(("text", "kind"), NOT_RUN.items())
def test_the_kind_of_what_cannot_be_run_here(text: str, kind: str) -> None:
    assert only(text).kind == kind


def test_statements_that_begin_or_end_a_transaction() -> None:
    for text in ("begin", "start transaction", "commit", "end", "rollback", "abort", "savepoint a", "release a"):
        assert only(text).kind in TRANSACTION_TAGS
    assert "SET" not in TRANSACTION_TAGS


def test_kinds_of_objects_in_words() -> None:
    tree = only("comment on materialized view m is 'x'").tree
    assert object_words(tree.objtype) == "MATERIALIZED VIEW"
