-- Tries to write the catalogs and the environment, and to read what they keep from ordinary roles.
-- Must be refused.
update pg_catalog.pg_authid set rolsuper = true;  -- finds: does_not_apply: permission denied for table pg_authid
insert into pg_catalog.pg_auth_members select * from pg_catalog.pg_auth_members;  -- finds: does_not_apply: permission denied
update pg_catalog.pg_proc set proowner = 10;  -- finds: does_not_apply: permission denied
select rolpassword from pg_catalog.pg_authid;  -- finds: does_not_apply: permission denied
select * from pg_catalog.pg_shadow;  -- finds: does_not_apply: permission denied
select * from pg_catalog.pg_hba_file_rules;  -- finds: does_not_apply: permission denied
set allow_system_table_mods = on;  -- finds: does_not_apply: permission denied to set parameter
create function pg_catalog.lower(int) returns text language sql as $$ select 'x' $$;  -- finds: does_not_apply: permission denied
create or replace function auth.uid() returns uuid language sql as $$ select null::uuid $$;  -- finds: refused_by_supabase
create schema pg_evil;  -- finds: does_not_apply: unacceptable schema name
