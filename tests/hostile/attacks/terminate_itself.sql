-- Tries to end its own session.
-- Must end the run with a sentence about it.
-- ends: 20260101000000_attack.sql:5: this ended the database session (terminating connection due to administrator command)
create table if not exists public.before (id int primary key);
select pg_terminate_backend(pg_backend_pid());
create table if not exists public.after (id int primary key);
