-- Tries to end the sessions of everybody else.
-- Must not reach the superuser's.
select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend';  -- finds: does_not_apply: permission denied to terminate process
select pg_cancel_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'supabase_admin';  -- finds: does_not_apply: permission denied to cancel query
select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'checkpointer';
select pg_cancel_backend(pg_backend_pid());  -- finds: does_not_apply: canceling statement due to user request
create table if not exists public.after (id int primary key);  -- finds: missing_rls
