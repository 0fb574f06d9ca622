from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgassay.postgres import environments
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.session import Session
from pgassay.replay.bench import Bench
from pgassay.sql.split import statements
from pgassay.supabase.refusals import POLICIES_ALLOWED, Refusal, refusal


def _refusal(sql: str) -> Refusal | None:
    (statement,) = statements("x.sql", sql)
    assert statement.problem is None, statement.problem
    return refusal(statement)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("create table auth.tenants (id int)", "permission denied for schema auth"),
        ("create table if not exists auth.users (id int)", "permission denied for schema auth"),
        ("create table storage.files as select 1", "permission denied for schema storage"),
        ("create view auth.people as select 1", "permission denied for schema auth"),
        ("create materialized view realtime.counts as select 1", "permission denied for schema realtime"),
        ("create sequence auth.numbers", "permission denied for schema auth"),
        ("create type auth.kind as enum ('a')", "permission denied for schema auth"),
        ("create type auth.pair as (a int)", "permission denied for schema auth"),
        ("create domain auth.email as text", "permission denied for schema auth"),
        (
            "create aggregate auth.total (int) (sfunc = int4pl, stype = int)",
            "permission denied for schema auth",
        ),
        ("create or replace function auth.uid() returns uuid return null", "permission denied for schema auth"),
        ('create function "auth"."tenant"() returns int return 1', "permission denied for schema auth"),
        ("create procedure realtime.clean() begin atomic end", "permission denied for schema realtime"),
        ("create function cron.mine() returns int return 1", "permission denied for schema cron"),
        ("create index on auth.users (created_at)", "must be owner of table users"),
        ("create index concurrently if not exists i on storage.objects (owner)", "must be owner of table objects"),
        ("create index on auth.mine (id)", "permission denied for schema auth"),
        ("create index on cron.job_run_details (end_time)", "must be owner of table job_run_details"),
        ("create rule r as on insert to auth.users do nothing", "must be owner of table users"),
        ("alter table auth.users add column tenant text", "must be owner of table users"),
        ("alter table only auth.users owner to postgres", "must be owner of table users"),
        ("alter table storage.objects enable row level security", "must be owner of table objects"),
        ("alter table storage.objects disable row level security", "must be owner of table objects"),
        ("alter table auth.users disable trigger all", "must be owner of table users"),
        ("alter table auth.users rename to people", "must be owner of relation users"),
        ("alter table auth.users rename column email to mail", "must be owner of relation users"),
        ("alter policy a on storage.objects rename to b", "must be owner of relation objects"),
        ("alter table notes set schema auth", "permission denied for schema auth"),
        ("alter table auth.users set schema public", "must be owner of relation users"),
        ("alter function auth.uid() owner to postgres", "must be owner of function uid"),
        ("alter function storage.foldername(text) stable", "must be owner of function foldername"),
        ("alter function storage.foldername(text) rename to f", "must be owner of function foldername"),
        ("alter type auth.aal_level add value 'aal4'", "must be owner of type aal_level"),
        ("alter type auth.aal_level owner to postgres", "must be owner of type aal_level"),
        ("drop table if exists notes, storage.objects cascade", "must be owner of table objects"),
        ("drop function auth.uid()", "must be owner of function uid"),
        ("drop type auth.aal_level", "must be owner of type aal_level"),
        ("drop index auth.users_instance_id_idx", "must be owner of index users_instance_id_idx"),
        ("drop trigger t on auth.schema_migrations", "must be owner of relation schema_migrations"),
        ("create policy p on auth.schema_migrations using (true)", "must be owner of relation schema_migrations"),
        ("alter policy p on storage.buckets_vectors using (true)", "must be owner of relation buckets_vectors"),
        ("drop policy if exists p on auth.oauth_consents", "must be owner of relation oauth_consents"),
        ("comment on table auth.users is 'people'", "must be owner of relation users"),
        ("comment on column auth.users.email is 'mail'", "must be owner of relation users"),
        ("comment on trigger t on auth.users is 'made'", "must be owner of relation users"),
        ("comment on policy p on auth.schema_migrations is 'x'", "must be owner of relation schema_migrations"),
        ("comment on function auth.uid() is 'me'", "must be owner of function uid"),
        ("delete from storage.migrations", "permission denied for table migrations"),
        ("truncate notes, auth.schema_migrations", "permission denied for table schema_migrations"),
        ("insert into realtime.schema_migrations values (1)", "permission denied for table schema_migrations"),
        ("update cron.job set active = false", "permission denied for table job"),
        ("alter role anon with login", '"anon" is a reserved role, only superusers can modify it'),
        ("alter user authenticator password 'x'", '"authenticator" is a reserved role, only superusers can modify it'),
        ("alter role service_role rename to x", '"service_role" is a reserved role, only superusers can modify it'),
        ("alter role x rename to anon", '"anon" is a reserved role, only superusers can modify it'),
        ("grant authenticator to x", '"authenticator" role memberships are reserved, only superusers can grant them'),
        ("create role x in role anon, authenticator", '"authenticator" role memberships are reserved'),
    ],
)
def test_what_supabase_refuses(sql: str, words: str) -> None:
    found = _refusal(sql)
    assert found
    assert found.words.startswith(words)
    assert [found.create, found.keep, found.protected].count(None) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "create table profiles (id uuid references auth.users (id))",
        "create table users (id int); ",
        "alter table users add column auth text",
        "create table auth (users int)",
        "alter table auth add column id int",
        "create trigger t after insert on auth.users for each row execute function f()",
        "drop trigger if exists t on auth.users",
        "create policy p on storage.objects using (bucket_id = 'a')",
        "alter policy p on auth.users using (true)",
        "drop policy if exists p on storage.objects",
        "comment on policy p on storage.objects is 'x'",
        "create policy p on realtime.messages using (true)",
        "create function tenant() returns text return auth.jwt() ->> 'tenant'",
        "grant select on auth.users to service_role",
        "grant usage on schema auth to x",
        "insert into storage.buckets (id, name) values ('a', 'a')",
        "update auth.users set raw_app_meta_data = '{}'",
        "delete from storage.objects",
        "drop function if exists auth.tenant()",
        "alter function auth.tenant() stable",
        "alter table auth.tenants add column id int",
        "drop table auth.tenants",
        "comment on table auth.tenants is 'ours'",
        "create schema if not exists auth",
        "alter role anon set statement_timeout = '5s'",
        "alter role authenticator set pgrst.db_schemas = 'api'",
        "alter role authenticator reset all",
        "grant anon to worker",
        "grant worker to authenticator",
        "revoke authenticator from worker",
        "create role worker in role anon",
        "create table vault.mine (id int)",
        "select cron.schedule('a', '* * * * *', 'select 1')",
        "select net.http_post('https://example.org')",
        "alter publication supabase_realtime add table notes",
        "do $$ begin alter table storage.objects enable row level security; end $$",
    ],
)
def test_what_it_does_not_refuse_or_any_server_would(sql: str) -> None:
    assert _refusal(sql.rstrip("; ")) is None


def test_what_is_said_depends_on_what_can_be_done() -> None:
    closed = _refusal("create table auth.tenants (id int)")
    assert closed == Refusal("permission denied for schema auth", "auth.tenants", create="auth")
    kept = _refusal("alter table auth.users add column a int")
    assert kept == Refusal("must be owner of table users", "auth.users", keep="auth.users")
    protected = _refusal("alter table auth.users enable row level security")
    assert protected == Refusal("must be owner of table users", "auth.users", protected="auth.users")
    both = _refusal("alter table auth.users enable row level security, add column a int")
    assert both == kept


@pytest.fixture(scope="module", params=[16, 18])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with Embedded(wanted_major=request.param) as server:
        yield Bench(server)


@pytest.fixture
def session(either: Bench) -> Iterator[Session]:
    template = either.environment("supabase")
    with either.clone("refusals", template) as name, either.server.connect(name) as session:
        yield session


def test_the_names_are_those_of_the_environment(session: Session) -> None:
    there = session.rows(
        "select n.nspname || '.' || o.name from ("
        "  select relnamespace, relname from pg_class where relkind in ('r', 'p', 'v') and not relispartition"
        "  union select pronamespace, proname from pg_proc"
        "  union select typnamespace, typname from pg_type where typtype = 'e'"
        ") o (namespace, name) join pg_namespace n on n.oid = o.namespace"
        " where n.nspname in ('auth', 'storage', 'realtime')"
    )
    composite = {"realtime.user_defined_filter"}
    assert {row[0] for row in there} | composite == environments.made_by_supabase() - {"realtime.messages_default"}
    unknown = POLICIES_ALLOWED - environments.made_by_supabase()
    assert unknown == {"storage.prefixes"}


@pytest.mark.parametrize(
    "sql",
    [
        "alter system set work_mem = '1MB'",
        "create table vault.mine (id int)",
        "alter table vault.secrets add column mine int",
        "create index on vault.secrets (name)",
        "create or replace function vault.create_secret(text, text, text, uuid) returns uuid return null",
        "drop schema auth cascade",
        "alter schema storage rename to files",
        "create table graphql_public.mine (id int)",
        "alter function extensions.crypt(text, text) security definer",
        "drop function extensions.crypt(text, text)",
        "create or replace function extensions.crypt(text, text) returns text return 'x'",
        "alter role supabase_auth_admin set search_path = public",
        "alter role supabase_storage_admin password 'x'",
        "grant supabase_storage_admin to anon",
        "alter default privileges for role supabase_admin in schema public grant all on tables to anon",
        "alter database postgres set app.settings.secret = 'x'",
    ],
)
def test_what_the_rule_leaves_to_the_server_is_refused_there(session: Session, sql: str) -> None:
    (name,) = session.rows("select current_database()")[0]
    error = session.run(sql.replace("database postgres", f"database {name}")).error
    assert error
    assert error.sqlstate in ("42501", "2BP01")
    (statement,) = statements("x.sql", sql)
    assert refusal(statement) is None
