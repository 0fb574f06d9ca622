-- Tries savepoints of its own in the middle of ours.
-- Must change nothing of what is found.
savepoint mine;
create table if not exists public.first (id int primary key);  -- finds: missing_rls
release savepoint mine;
savepoint mine;
create table if not exists public.second (id int primary key);
rollback to savepoint mine;
release savepoint mine;
rollback to savepoint mine;  -- finds: does_not_apply: does not exist
release savepoint pgassay_statement;  -- finds: does_not_apply: does not exist
create table if not exists public.third (id int primary key);  -- finds: missing_rls
