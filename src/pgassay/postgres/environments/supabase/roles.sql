-- Roles belong to the cluster, so this runs once per database and again changes nothing. Migrations may have altered
-- them since, therefore the attributes are set every time. REPLICATION is left out wherever postgres could SET ROLE.
do $roles$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon', 'nologin inherit'),
      ('authenticated', 'nologin inherit'),
      ('service_role', 'nologin inherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('dashboard_user', 'nologin createdb createrole replication'),
      ('pgbouncer', 'login'),
      ('supabase_auth_admin', 'login noinherit'),
      ('supabase_etl_admin', 'login replication'),
      ('supabase_functions_admin', 'login noinherit createrole'),
      ('supabase_read_only_user', 'login bypassrls'),
      ('supabase_realtime_admin', 'nologin noinherit'),
      ('supabase_replication_admin', 'login replication'),
      ('supabase_storage_admin', 'login noinherit createrole')
    ) as role (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    execute format('alter role %I with %s', wanted.name, wanted.attributes);
  end loop;
end
$roles$;

grant anon, authenticated, service_role to postgres with admin option;
grant anon, authenticated, service_role to authenticator, supabase_realtime_admin;
grant authenticator to supabase_storage_admin;
grant pg_read_all_data to supabase_read_only_user;
-- Production grants postgres pg_read_all_data too. No migration needs it, and here it would open pg_authid.
grant pg_monitor, pg_signal_backend to postgres;

-- On the platform a hook of the server lets postgres write policies on tables of auth, storage and realtime that it
-- does not own. Plain PostgreSQL asks for ownership, and inheriting it from the owner is the only way to have it. That
-- also lets through what the platform refuses, such as ALTER TABLE auth.users: static rules have to name those.
grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to postgres with inherit true, set false;

-- ALTER ROLE authenticator SET pgrst.x configures the Data API. The same hook allows it there; here it takes the right
-- to alter the role and to set each parameter, which no server knows before a module has declared it.
grant authenticator to postgres with admin true, inherit false, set false;
do $parameters$
declare
  parameter text;
begin
  foreach parameter in array array[
    'db_aggregates_enabled', 'db_anon_role', 'db_channel_enabled', 'db_extra_search_path', 'db_max_rows',
    'db_plan_enabled', 'db_pre_config', 'db_pre_request', 'db_root_spec', 'db_schemas', 'db_tx_end', 'jwt_aud',
    'jwt_role_claim_key', 'jwt_secret', 'log_level', 'openapi_mode', 'openapi_security_active',
    'openapi_server_proxy_uri', 'server_cors_allowed_origins', 'server_timing_enabled', 'server_trace_header'
  ]
  loop
    execute format('grant set on parameter pgrst.%I to postgres', parameter);
  end loop;
end
$parameters$;

-- The hook allows some settings of the superuser's; of these later statements take notice. And since November 2025:
grant set on parameter session_replication_role, track_io_timing, wal_compression to postgres;
grant execute on function pg_catalog.pg_reload_conf() to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = 60000;
alter role supabase_storage_admin set search_path = storage;
