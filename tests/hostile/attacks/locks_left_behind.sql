-- Tries to leave locks behind: advisory ones, and those of a transaction that never ends.
-- Must not hold up the next file, nor the drop of the database.
select pg_advisory_lock(1), pg_advisory_lock(hashtext('pgassay'));
select pg_advisory_lock(n) from generate_series(1, 5000) as n;
begin;
create table if not exists public.held (id int primary key);
lock table public.held in access exclusive mode;
lock table pg_catalog.pg_database in access exclusive mode;  -- finds: does_not_apply: permission denied
select * from pg_catalog.pg_database for update;  -- finds: does_not_apply: permission denied
alter role postgres set application_name = 'held';
-- file: 20260101000001_next.sql
do $$ begin assert pg_try_advisory_lock(1); end $$;
alter table public.held enable row level security;
