"""Changes that are right: pgassay has nothing to say about any of them, under the whole catalogue."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller
from tests.stories.users import USERS


def test_default_now(story: Teller) -> None:
    change = "alter table users add column joined_at timestamptz not null default now();"
    story(merged=USERS, proposed={"20260101000000_joined.sql": change}).says()


def test_constant_defaults(story: Teller) -> None:
    change = """
alter table users add column role text not null default 'member';
alter table users add column score integer not null default 0;
alter table users add column active boolean default true;
alter table users add column settings jsonb default '{}';
alter table users add column tags text[] default array[]::text[];
alter table users add column since date default current_date;
"""
    story(merged=USERS, proposed={"20260101000000_defaults.sql": change}).says()


def test_a_longer_varchar_indexed_or_not(story: Teller) -> None:
    change = """
alter table users alter column bio type varchar(250);
alter table users alter column name type varchar(250);
alter table users alter column email type varchar(250);
alter table users alter column bio type varchar;
alter table users alter column name type text;
alter table users alter column email type text, alter column bio type text;
"""
    story(merged=USERS, proposed={"20260101000000_longer.sql": change}).says()


def test_index_and_foreign_key_on_a_table_of_the_same_file(story: Teller) -> None:
    change = """
create table posts (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  title text not null
);
create index posts_user_id_idx on posts (user_id);
create unique index on posts (lower(title));
alter table posts add constraint titled check (title <> '');
alter table posts add column parent_id bigint references posts (id);
alter table posts alter column title type varchar(80);
alter table posts enable row level security;
"""
    story(merged=USERS, proposed={"20260101000000_posts.sql": change}).says()


def test_index_and_foreign_key_on_a_table_of_an_earlier_file_of_the_change(story: Teller) -> None:
    proposed = {
        "20260101000000_posts.sql": """
create table posts (id bigint primary key, title text);
create table authors (id bigint primary key);
alter table posts enable row level security;
alter table authors enable row level security;
""",
        "20260102000000_authors.sql": """
alter table posts add column author_id bigint;
alter table posts add foreign key (author_id) references authors (id);
create index on posts (author_id);
alter table posts alter column title type bigint using title::bigint;
""",
    }
    story(proposed=proposed).says()


def test_set_not_null_that_a_validated_check_has_proven(story: Teller) -> None:
    proposed = {
        "20260101000000_check.sql": "alter table users add constraint has_name check (name is not null) not valid;",
        "20260102000000_validate.sql": "alter table users validate constraint has_name;",
        "20260103000000_not_null.sql": """
alter table users alter column name set not null;
alter table users drop constraint has_name;
""",
    }
    story(merged=USERS, proposed=proposed).says()


def test_a_foreign_key_in_two_steps(story: Teller) -> None:
    posts = "create table posts (id bigint primary key, user_id bigint); alter table posts enable row level security;"
    proposed = {
        "20260101000000_key.sql": (
            "alter table posts add constraint by_user foreign key (user_id) references users (id) not valid;"
        ),
        "20260102000000_validate.sql": "alter table posts validate constraint by_user;",
    }
    story(merged={**USERS, "20250102000000_posts.sql": posts}, proposed=proposed).says()


@pytest.mark.parametrize("layout", ["supabase", "plain"])
def test_an_index_built_concurrently(story: Teller, layout: str) -> None:
    change = "create index concurrently if not exists users_bio_idx on users (bio);\n"
    told = story(merged=USERS, proposed={"20260101000000_index.sql": change}, layout=layout).says()
    assert [(change.action, change.name) for change in told.report.schema_change] == [
        ("added", "users_bio_idx on users")
    ]


def test_a_concurrent_index_between_other_statements(story: Teller) -> None:
    change = """
alter table users add column score integer;
create index concurrently users_score_idx on users (score);
comment on index users_score_idx is 'for the leader board';
"""
    story(merged=USERS, proposed={"20260101000000_score.sql": change}).says()


def test_dropping_an_index(story: Teller) -> None:
    story(merged=USERS, proposed={"20260101000000_index.sql": "drop index concurrently users_name_idx;"}).says()


def test_a_unique_constraint_on_an_index_built_before(story: Teller) -> None:
    twice = "exists (select from users o where o.bio = u.bio and o.id < u.id)"
    proposed = {
        "20251231000000_same.sql": f"update users u set bio = null where {twice};",
        "20260101000000_index.sql": "create unique index concurrently users_bio_key on users (bio);",
        "20260102000000_unique.sql": "alter table users add constraint users_bio_key unique using index users_bio_key;",
    }
    story(merged=USERS, proposed=proposed).says()


def test_a_value_added_to_an_enum(story: Teller) -> None:
    merged = {"20250101000000_status.sql": "create type status as enum ('open', 'closed');"}
    change = "alter type status add value if not exists 'paused' before 'closed';"
    told = story(merged=merged, proposed={"20260101000000_status.sql": change}).says()
    (change_of_schema,) = told.report.schema_change
    assert change_of_schema.detail == "'open', 'closed' → 'open', 'paused', 'closed'"


def test_comments_and_grants(story: Teller) -> None:
    change = """
comment on table users is 'who may log in';
comment on column users.seen is 'last request';
grant select (id, name) on users to anon;
revoke all on users from anon;
"""
    story(merged=USERS, proposed={"20260101000000_words.sql": change}).says()


def test_row_level_security_in_a_later_file_of_the_change(story: Teller) -> None:
    proposed = {
        "20260101000000_notes.sql": "create table notes (id bigint primary key, owner_id uuid);",
        "20260102000000_policy.sql": "create policy own on notes using (owner_id = (select auth.uid()));",
        "20260103000000_rls.sql": "alter table notes enable row level security;",
    }
    story(proposed=proposed).says()


def test_row_level_security_in_a_do_block(story: Teller) -> None:
    change = """
create table notes (id bigint primary key);
create table drafts (id bigint primary key);
do $$
declare
  name text;
begin
  foreach name in array array['notes', 'drafts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy none on %I using (false)', name);
  end loop;
end $$;
"""
    story(proposed={"20260101000000_notes.sql": change}).says()


def test_a_partitioned_table_with_its_partitions(story: Teller) -> None:
    change = """
create table events (id bigint, at timestamptz not null, user_id bigint references users (id), primary key (id, at))
  partition by range (at);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create table events_rest partition of events default;
create index on events (user_id);
create table events_2027 (like events including all);
alter table events attach partition events_2027 for values from ('2027-01-01') to ('2028-01-01');
alter table events enable row level security;
alter table events_2026 enable row level security;
alter table events_2027 enable row level security;
alter table events_rest enable row level security;
"""
    story(merged=USERS, proposed={"20260101000000_events.sql": change}).says()


def test_a_partition_for_another_year(story: Teller) -> None:
    events = """
create table events (id bigint, at timestamptz not null, user_id bigint references users (id), primary key (id, at))
  partition by range (at);
create index on events (user_id);
alter table events enable row level security;
"""
    change = """
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
alter table events_2026 enable row level security;
"""
    merged = {**USERS, "20250102000000_events.sql": events}
    story(merged=merged, proposed={"20260101000000_2026.sql": change}).says()


def test_temporary_tables(story: Teller) -> None:
    change = """
create temporary table seen_users as select id, seen from users;
create temp table picked (id bigint primary key) on commit drop;
create index on seen_users (id);
update users set seen = now() from seen_users where users.id = seen_users.id;
drop table seen_users cascade;
"""
    story(merged=USERS, proposed={"20260101000000_seen.sql": change}).says()


def test_if_not_exists_that_meets_the_very_same_objects(story: Teller) -> None:
    again = USERS["20250101000000_users.sql"]
    for kind in ("table", "index"):
        again = again.replace(f"create {kind}", f"create {kind} if not exists")
    story(merged=USERS, proposed={"20260101000000_again.sql": again}).says()


def test_a_declaration_that_lacks_what_was_added_since(story: Teller) -> None:
    """Bootstrap files do this: the table has grown, the guard does nothing, and nothing is missing."""
    change = "create table if not exists public.users (id bigint primary key, email varchar(100) unique);"
    story(merged=USERS, proposed={"20260101000000_users.sql": change}).says()


def test_extensions(story: Teller) -> None:
    change = """
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp";
create extension if not exists citext with schema extensions;
create table tags (id uuid primary key default extensions.uuid_generate_v4(), name extensions.citext unique);
alter table tags enable row level security;
"""
    story(proposed={"20260101000000_tags.sql": change}).says()


def test_a_table_that_no_api_serves(story: Teller) -> None:
    change = """
create schema internal;
create table internal.jobs (id bigint primary key, user_id bigint references users (id));
create policy none on internal.jobs using (false);
alter table internal.jobs enable row level security;
create table internal.runs (id bigint primary key);
"""
    story(merged=USERS, proposed={"20260101000000_jobs.sql": change}).says()


def test_a_plain_server_serves_no_schema(story: Teller) -> None:
    proposed = {"0001_notes.sql": "create table if not exists notes (id bigint primary key);\n"}
    story(proposed=proposed, layout="plain", environment="postgres").says()


def test_inherited_tables(story: Teller) -> None:
    change = """
create table members (level integer) inherits (users);
alter table members enable row level security;
alter table users add column phone text;
alter table members add primary key (id);
"""
    story(merged=USERS, proposed={"20260101000000_members.sql": change}).says()


def test_a_cascade_that_reaches_no_money(story: Teller) -> None:
    change = """
create table devices (id bigint primary key, user_id bigint references users (id) on delete cascade);
create table logins (id bigint primary key, device_id bigint references devices (id) on delete cascade);
create table payments (id bigint primary key, user_id bigint references users (id) on delete restrict);
create table receipts (id bigint primary key, payment_id bigint references payments (id) on delete set null);
alter table devices enable row level security;
alter table logins enable row level security;
alter table payments enable row level security;
alter table receipts enable row level security;
"""
    story(merged=USERS, proposed={"20260101000000_devices.sql": change}).says()


def test_an_empty_file_and_one_of_comments(story: Teller) -> None:
    proposed = {"20260101000000_empty.sql": "", "20260102000000_words.sql": "-- to be done\n/* or not */\n"}
    story(merged=USERS, proposed=proposed).says()


def test_what_a_supabase_project_does_on_its_first_day(story: Teller) -> None:
    change = """
create table profiles (
  id uuid primary key references auth.users on delete cascade,
  username text unique check (char_length(username) >= 3),
  updated_at timestamptz not null default now()
);
alter table profiles enable row level security;
create policy "Public profiles are viewable by everyone." on profiles for select using (true);
create policy "Users update their own" on profiles for update to authenticated using ((select auth.uid()) = id);
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, username) values (new.id, new.raw_user_meta_data ->> 'username');
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users for each row execute function public.handle_new_user();
insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true) on conflict do nothing;
create policy "Avatars are public" on storage.objects for select using (bucket_id = 'avatars');
alter publication supabase_realtime add table profiles;
alter table profiles replica identity full;
alter table profiles force row level security;
grant usage on schema public to anon, authenticated;
alter default privileges in schema public grant select on tables to authenticated;
"""
    story(proposed={"20260101000000_profiles.sql": change}).says()


def test_a_dump_of_a_new_table(story: Teller) -> None:
    change = """
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET default_table_access_method = heap;
CREATE TABLE IF NOT EXISTS "public"."teams" ("id" bigint NOT NULL, "name" character varying(20));
ALTER TABLE "public"."teams" OWNER TO "postgres";
ALTER TABLE "public"."teams" ALTER COLUMN "id"
  ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME "public"."teams_id_seq");
ALTER TABLE ONLY "public"."teams" ADD CONSTRAINT "teams_pkey" PRIMARY KEY ("id");
CREATE INDEX "teams_name_idx" ON "public"."teams" USING btree ("name");
ALTER TABLE "public"."teams" ENABLE ROW LEVEL SECURITY;
GRANT ALL ON TABLE "public"."teams" TO "anon";
RESET ALL;
"""
    story(merged=USERS, proposed={"20260101000000_remote_schema.sql": change}).says()


def test_small_changes_of_a_column(story: Teller) -> None:
    change = """
alter table users alter column name set default 'nobody', alter column bio drop default;
alter table users add column inviter_id bigint references users (id);
alter table users alter column seen set statistics 200;
alter table users alter column name drop not null;
alter table users rename constraint users_email_key to users_email_once;
alter index users_name_idx rename to users_by_name;
"""
    fill = "update users set bio = '' where bio is null;"
    story(merged=USERS, proposed={"20260101000000_columns.sql": change, "20260101000001_fill.sql": fill}).says()


def test_a_materialized_view(story: Teller) -> None:
    change = """
create schema internal;
create materialized view internal.user_counts as select name, count(*) from users group by name;
create unique index on internal.user_counts (name);
refresh materialized view concurrently internal.user_counts;
"""
    story(merged=USERS, proposed={"20260101000000_counts.sql": change}).says()
    merged = {**USERS, "20250102000000_counts.sql": change}
    again = """
refresh materialized view concurrently internal.user_counts;
create unique index concurrently on internal.user_counts (count);
"""
    story(merged=merged, proposed={"20260101000000_again.sql": again}).says()
