-- Tries to leave us with another role, for the rest of the file and for the next one.
-- Must change nothing of what is found; the next file begins as postgres.
set role anon;
create table if not exists public.as_anon (id int primary key);  -- finds: does_not_apply: permission denied
reset role;
create table if not exists public.as_postgres (id int primary key);  -- finds: missing_rls
create role nobody_special;
grant nobody_special to postgres with set true;
grant create, usage on schema public to nobody_special;
set session role nobody_special;
create table if not exists public.as_nobody (id int primary key);  -- finds: missing_rls
select set_config('role', 'anon', false);
-- file: 20260101000001_next.sql
do $$ begin assert current_user = 'postgres'; end $$;
create table if not exists public.next (id int primary key);  -- finds: missing_rls
set local role authenticated;
