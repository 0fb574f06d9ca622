-- Schemas, their owners and who may look inside. What is in them follows in files of their own.
create schema auth;
create schema extensions authorization postgres;
create schema graphql;
create schema graphql_public;
create schema pgbouncer authorization pgbouncer;
create schema realtime;
create schema storage;
create schema supabase_functions;
create schema supabase_migrations authorization postgres;
create schema vault;

grant usage on schema public, extensions, auth, storage, realtime, graphql_public, supabase_functions
  to anon, authenticated, service_role;
grant usage, create on schema public to postgres with grant option;
grant usage on schema storage, realtime, graphql, graphql_public, vault to postgres with grant option;
grant all on schema auth to supabase_auth_admin, dashboard_user, postgres;
grant all on schema storage to supabase_storage_admin, dashboard_user, postgres;
grant all on schema realtime to supabase_realtime_admin;
grant all on schema extensions to dashboard_user;
grant all on schema supabase_functions to supabase_functions_admin, postgres;

-- CREATE EXTENSION pg_graphql fills this schema; where a stand-in takes its place, postgres itself does.
grant create on schema graphql to postgres;

-- What the platform's own tool keeps about the migrations it ran.
create table supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text,
  created_by text,
  idempotency_key text unique
);
create table supabase_migrations.seed_files (
  path text primary key,
  hash text not null
);
alter table supabase_migrations.schema_migrations owner to postgres;
alter table supabase_migrations.seed_files owner to postgres;

-- "Database webhooks": triggers call http_request(url, method, headers, parameters, timeout). Here it sends nothing.
create table supabase_functions.hooks (
  id bigserial primary key,
  hook_table_id integer not null,
  hook_name text not null,
  created_at timestamptz not null default now(),
  request_id bigint
);
create index on supabase_functions.hooks (request_id);
create index on supabase_functions.hooks (hook_table_id, hook_name);
create table supabase_functions.migrations (
  version text primary key,
  inserted_at timestamptz not null default now()
);
alter table supabase_functions.hooks owner to supabase_functions_admin;
alter table supabase_functions.migrations owner to supabase_functions_admin;
grant all on all tables in schema supabase_functions to postgres, anon, authenticated, service_role;
grant all on all sequences in schema supabase_functions to postgres, anon, authenticated, service_role;

create function supabase_functions.http_request() returns trigger
  language plpgsql
  set search_path = supabase_functions
as $$
begin
  if coalesce(tg_argv[0], 'null') = 'null' then
    raise exception 'url argument is missing';
  elsif coalesce(tg_argv[1], 'null') not in ('GET', 'POST') then
    raise exception 'method argument % is invalid', coalesce(tg_argv[1], 'null');
  end if;
  return coalesce(new, old);
end
$$;
alter function supabase_functions.http_request() owner to supabase_functions_admin;

-- What the GraphQL endpoint answers as long as pg_graphql is not enabled, which is the platform's default.
create function graphql_public.graphql(
  "operationName" text default null,
  query text default null,
  variables jsonb default null,
  extensions jsonb default null
) returns jsonb
  language sql
  return '{"errors": [{"message": "pg_graphql extension is not enabled."}]}'::jsonb;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- What the platform's own role creates in public stays open to the Data API under both forms of postgres's defaults.
alter default privileges in schema public grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to postgres, anon, authenticated, service_role;
