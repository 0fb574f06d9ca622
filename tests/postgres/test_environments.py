from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from pgassay.errors import SettingsError
from pgassay.model import ServerError
from pgassay.postgres import environments
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.session import Session

_numbers = count(1)

ANN = "11111111-1111-1111-1111-111111111111"
BOB = "22222222-2222-2222-2222-222222222222"


@pytest.fixture(scope="module")
def templates(server: Embedded) -> Iterator[dict[tuple[str, str], str]]:
    """A database per environment and form of default privileges, all in one cluster."""
    made = {}
    for name, privileges in (("supabase", "legacy"), ("supabase", "none"), ("postgres", "legacy")):
        template = f"environment_{name}_{privileges}"
        server.create(template)
        server.prepare(template, environments.sql(name, default_privileges=privileges))
        made[name, privileges] = template
    yield made
    for template in made.values():
        server.drop(template)


def _clone(server: Embedded, template: str) -> Iterator[Session]:
    name = f"environment_{next(_numbers)}"
    server.create(name, template=template)
    with server.connect(name) as session:
        yield session
    server.drop(name)


@pytest.fixture
def supabase(server: Embedded, templates: dict[tuple[str, str], str]) -> Iterator[Session]:
    yield from _clone(server, templates["supabase", "legacy"])


@pytest.fixture
def supabase_none(server: Embedded, templates: dict[tuple[str, str], str]) -> Iterator[Session]:
    yield from _clone(server, templates["supabase", "none"])


@pytest.fixture
def plain(server: Embedded, templates: dict[tuple[str, str], str]) -> Iterator[Session]:
    yield from _clone(server, templates["postgres", "legacy"])


def _run(session: Session, sql: str) -> None:
    error = session.run(sql).error
    assert error is None, f"{error.sqlstate} {error.message}: {sql}"


def _refused(session: Session, sql: str) -> ServerError:
    error = session.run(sql).error
    assert error is not None, sql
    return error


def _as(role: str, sql: str, subject: str = ANN) -> str:
    claims = f'{{"sub": "{subject}", "role": "{role}", "email": "ann@example.org"}}'
    return f"begin; set local role {role}; set local request.jwt.claims = '{claims}'; {sql}; commit"


def test_roles_are_what_production_has(supabase: Session) -> None:
    attributes = {
        row[0]: row[1:]
        for row in supabase.rows(
            "select rolname, rolcanlogin, rolinherit, rolbypassrls, rolcreaterole, rolsuper from pg_roles"
        )
    }
    assert attributes["anon"] == (False, True, False, False, False)
    assert attributes["authenticated"] == (False, True, False, False, False)
    assert attributes["service_role"] == (False, True, True, False, False)
    assert attributes["authenticator"] == (True, False, False, False, False)
    assert attributes["supabase_auth_admin"] == (True, False, False, False, False)
    assert attributes["supabase_storage_admin"] == (True, False, False, True, False)
    assert attributes["postgres"] == (True, True, True, True, False)
    assert {name for name, each in attributes.items() if each[-1]} == {"supabase_admin"}
    assert supabase.rows("select rolreplication from pg_roles where rolname = 'postgres'") == [(False,)]


def test_postgres_may_hand_on_the_api_roles_and_become_no_owner(supabase: Session) -> None:
    memberships = dict(
        supabase.rows(
            "select g.rolname, bool_or(m.admin_option)::text || ' ' || bool_or(m.set_option)::text"
            " from pg_auth_members m join pg_roles g on g.oid = m.roleid"
            " where m.member = 'postgres'::regrole group by 1"
        )
    )
    assert memberships["anon"] == memberships["authenticated"] == memberships["service_role"] == "true true"
    assert memberships["supabase_auth_admin"] == memberships["supabase_storage_admin"] == "false false"


def test_search_path_is_that_of_production(supabase: Session) -> None:
    assert supabase.rows("show search_path") == [('"$user", public, extensions',)]


@pytest.mark.parametrize(
    "sql",
    [
        "create table profiles (id uuid primary key references auth.users (id) on delete cascade)",
        "create function made() returns trigger language plpgsql security definer set search_path = '' as"
        " $$ begin return new; end $$;"
        " create trigger on_auth_user_created after insert on auth.users for each row execute function made()",
        "create policy own on auth.users for select to authenticated using (id = auth.uid())",
        "create policy avatars on storage.objects for insert to authenticated"
        " with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text)",
        "create policy listen on realtime.messages for select to authenticated using (realtime.topic() like 'room:%')",
        "insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)"
        " values ('avatars', 'avatars', true, 1024, '{image/png}') on conflict (id) do nothing",
        "create table t (a int); alter publication supabase_realtime add table t; alter table t replica identity full",
        "begin; drop publication if exists supabase_realtime; create publication supabase_realtime; commit",
        "create schema private; grant usage on schema private to authenticated, service_role",
        "alter default privileges in schema public revoke all on tables from anon",
        "alter default privileges for role postgres in schema public grant select on tables to anon",
        "comment on schema public is 'ours'; create table t (a int); comment on table t is 'theirs'",
        "create function f() returns int language sql security definer set search_path = '' return 1;"
        " revoke execute on function f from public, anon; grant execute on function f to authenticated",
        "create role worker login password 'x'; grant anon to worker; grant worker to authenticator",
        "alter role authenticator set pgrst.db_schemas = 'public, api'; notify pgrst, 'reload config'",
        "alter role authenticated set statement_timeout = '10s'",
        "grant usage on schema public to supabase_auth_admin;"
        " create function hook(event jsonb) returns jsonb language sql return event;"
        " grant execute on function hook to supabase_auth_admin",
        "create extension if not exists pgcrypto; select extensions.crypt('x', extensions.gen_salt('bf'))",
        'do $$ begin create extension if not exists "uuid-ossp"; end $$;'
        " create table t (id uuid default uuid_generate_v4())",
        "create table t (a int); create trigger hook after insert on t for each row execute function"
        " supabase_functions.http_request('https://example.org', 'POST', '{}', '{}', '1000'); insert into t values (1)",
        "create view people with (security_invoker) as select id, email, raw_user_meta_data ->> 'name' from auth.users;"
        " grant select on people to service_role",
        "select graphql_public.graphql(query => '{ x }')",
        "drop schema public cascade; create schema public; grant usage on schema public to anon",
    ],
    ids=lambda sql: sql[:60],
)
def test_a_migration_may(supabase: Session, sql: str) -> None:
    _run(supabase, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "alter role postgres superuser",
        "create role other superuser",
        "set role supabase_admin",
        "set role supabase_storage_admin",
        "set role supabase_replication_admin",
        "grant supabase_admin to postgres",
        "grant pg_execute_server_program to postgres",
        "grant pg_read_server_files to anon",
        "copy (select 1) to program 'true'",
        "select pg_read_file('PG_VERSION')",
        "select rolpassword from pg_authid",
        "alter system set work_mem = '1MB'",
        "update pg_extension set extowner = 10",
        "create function f() returns int language internal as 'int4in'",
        "alter function extensions.crypt(text, text) security definer",
        "create trigger t before insert on vault.secrets for each row execute function storage.protect_delete()",
    ],
)
def test_a_migration_may_not(supabase: Session, sql: str) -> None:
    assert _refused(supabase, sql).sqlstate in {"42501", "0LP01"}


def test_no_function_of_the_environment_runs_with_its_owners_rights(supabase: Session) -> None:
    assert supabase.rows("select oid::regprocedure::text from pg_proc where prosecdef") == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (None, None, None, None)),
        ({"request.jwt.claims": ""}, (None, None, None, None)),
        (
            {"request.jwt.claims": f'{{"sub": "{ANN}", "role": "authenticated", "email": "ann@example.org"}}'},
            (ANN, "authenticated", "ann@example.org", ANN),
        ),
        (
            {"request.jwt.claim.sub": BOB, "request.jwt.claims": f'{{"sub": "{ANN}", "role": "anon"}}'},
            (BOB, "anon", None, ANN),
        ),
    ],
    ids=["nobody", "empty", "claims", "one setting per claim wins"],
)
def test_who_calls(supabase: Session, settings: dict[str, str], expected: tuple[str | None, ...]) -> None:
    for name, value in settings.items():
        supabase.rows("select set_config(%s, %s, false)", (name, value))
    assert supabase.rows("select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'sub'") == [expected]


def test_auth_tables_are_closed(supabase: Session) -> None:
    assert (
        supabase.rows(
            "select relname from pg_class"
            " where relnamespace = 'auth'::regnamespace and relkind = 'r' and not relrowsecurity"
        )
        == []
    )
    assert supabase.rows("select count(*) from pg_policies where schemaname = 'auth'") == [(0,)]
    assert _refused(supabase, _as("authenticated", "select * from auth.users")).sqlstate == "42501"


def test_a_signup_trigger_fires_when_a_user_is_added(supabase: Session) -> None:
    _run(
        supabase,
        "create table profiles (id uuid primary key references auth.users on delete cascade, name text);"
        " create function made() returns trigger language plpgsql security definer set search_path = '' as $$ begin"
        "   insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'name'); return new; end $$;"
        " create trigger made after insert on auth.users for each row execute function made();"
        f" insert into auth.users (id, raw_user_meta_data) values ('{ANN}', '{{\"name\": \"Ann\"}}')",
    )
    assert supabase.rows("select name from profiles") == [("Ann",)]
    _run(supabase, "delete from auth.users")
    assert supabase.rows("select name from profiles") == []


def test_storage_policies_decide_and_a_delete_in_sql_is_refused(supabase: Session) -> None:
    _run(
        supabase,
        "insert into storage.buckets (id, name) values ('avatars', 'avatars');"
        " create policy own on storage.objects for all to authenticated"
        " using ((storage.foldername(name))[1] = auth.uid()::text)",
    )
    insert = "insert into storage.objects (bucket_id, name) values ('avatars', '{}/a.png')"
    _run(supabase, _as("authenticated", insert.format(ANN)))
    assert _refused(supabase, _as("authenticated", insert.format(BOB))).sqlstate == "42501"
    _run(supabase, "rollback")
    assert supabase.rows("select path_tokens, owner_id from storage.objects") == [([ANN, "a.png"], None)]
    assert supabase.rows("select name, id is null from storage.search('', 'avatars')") == [(ANN, True)]
    assert supabase.rows("select name from storage.search(%s, 'avatars', levels => 2)", (f"{ANN}/",)) == [("a.png",)]
    assert "Storage API" in _refused(supabase, "delete from storage.objects").message
    _run(supabase, "set storage.allow_delete_query = 'true'; delete from storage.objects")


@pytest.mark.parametrize(
    ("name", "folders", "file", "extension"),
    [("a/b/c.tar.gz", ["a", "b"], "c.tar.gz", "gz"), ("c.png", [], "c.png", "png"), ("a/", ["a"], "", "")],
)
def test_storage_takes_names_apart(supabase: Session, name: str, folders: list[str], file: str, extension: str) -> None:
    assert supabase.rows(
        "select storage.foldername(%(name)s), storage.filename(%(name)s), storage.extension(%(name)s)", {"name": name}
    ) == [(folders, file, extension)]


def test_a_trigger_broadcasts_its_change(supabase: Session) -> None:
    _run(
        supabase,
        "create table messages (id int primary key, body text);"
        " create function tell() returns trigger language plpgsql security definer set search_path = '' as $$ begin"
        "   perform realtime.broadcast_changes("
        "     'room:' || new.id, tg_op, tg_op, tg_table_name, tg_table_schema, new, old);"
        "   return null; end $$;"
        " create trigger tell after insert on messages for each row execute function tell();"
        " insert into messages values (7, 'hello')",
    )
    assert supabase.rows(
        "select topic, event, private, extension, payload -> 'record' ->> 'body', payload ? 'id' from realtime.messages"
    ) == [("room:7", "INSERT", True, "broadcast", "hello", True)]


def test_a_secret_can_be_kept_changed_and_read(supabase: Session) -> None:
    (identifier,) = supabase.rows("select vault.create_secret('s3cret', 'key', 'what for')")[0]
    assert supabase.rows("select decrypted_secret, secret <> 's3cret' from vault.decrypted_secrets") == [
        ("s3cret", True)
    ]
    supabase.rows("select vault.update_secret(%s, 'other')", (identifier,))
    assert supabase.rows("select name, decrypted_secret from vault.decrypted_secrets") == [("key", "other")]
    assert _refused(supabase, _as("authenticated", "select * from vault.decrypted_secrets")).sqlstate == "42501"


PRIVILEGES = """
select has_table_privilege(%(role)s, 't', 'select'), has_table_privilege(%(role)s, 't', 'truncate'),
  has_sequence_privilege(%(role)s, 't_id_seq', 'usage'), has_function_privilege(%(role)s, 'f()', 'execute')
"""


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_new_objects_are_open_to_the_api_under_the_legacy_defaults(supabase: Session, role: str) -> None:
    _run(supabase, "create table t (id serial); create function f() returns int language sql return 1")
    assert supabase.rows(PRIVILEGES, {"role": role}) == [(True, True, True, True)]


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_new_objects_keep_what_the_platform_forgot_to_revoke(supabase_none: Session, role: str) -> None:
    _run(supabase_none, "create table t (id serial); create function f() returns int language sql return 1")
    assert supabase_none.rows(PRIVILEGES, {"role": role}) == [(False, True, False, True)]
    _run(supabase_none, f"grant select on t to {role}")
    assert supabase_none.rows(PRIVILEGES, {"role": role})[0][0]


def test_the_extensions_of_every_project_are_installed(supabase: Session) -> None:
    found = supabase.rows(
        "select extname, extnamespace::regnamespace::text from pg_extension"
        " where extname <> all ('{plpgsql,vector,pgassay_body_check}')"
    )
    assert dict(found) == {
        "pg_stat_statements": "extensions",
        "pgcrypto": "extensions",
        "supabase_vault": "vault",
        "uuid-ossp": "extensions",
    }
    outcome = supabase.run('create extension if not exists "uuid-ossp" with schema public')
    assert [notice.message for notice in outcome.notices] == ['extension "uuid-ossp" already exists, skipping']
    assert _refused(supabase, "drop function extensions.uuid_generate_v4()").sqlstate == "2BP01"


def test_a_plain_database_has_nothing_of_supabase(plain: Session) -> None:
    assert plain.rows("select nspname from pg_namespace where nspname !~ '^pg_' order by 1") == [
        ("information_schema",),
        ("public",),
    ]
    assert plain.rows("select count(*) from pg_proc where pronamespace = 'public'::regnamespace") == [(0,)]
    _run(plain, "create table t (id int primary key); create schema app; create table app.t (id int references t)")
    assert plain.rows("select has_table_privilege('public', 't', 'select')") == [(False,)]


@pytest.mark.parametrize(
    ("name", "privileges", "words"),
    [
        ("supabse", "legacy", 'environment = "supabse" is not known: write supabase or postgres'),
        ("supabase", "new", 'default_privileges = "new" is not known: write legacy or none'),
    ],
)
def test_an_unknown_word_is_refused(name: str, privileges: str, words: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        environments.sql(name, default_privileges=privileges)
    assert str(refusal.value) == words
