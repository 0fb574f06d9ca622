-- Tries to escape from the transaction that we began, and from our savepoint, in the middle of a file.
-- Must change nothing of what is found.
create table if not exists public.first (id int primary key);  -- finds: missing_rls
commit;
create table if not exists public.second (id int primary key);
rollback;
create table if not exists public.third (id int primary key);  -- finds: missing_rls
begin; begin; commit; commit; commit;
begin;
create table if not exists public.fourth (id int primary key);  -- finds: missing_rls
end;
do $$ begin commit; end $$;  -- may find: does_not_apply
begin isolation level serializable read only;
create table if not exists public.fifth (id int primary key);  -- finds: does_not_apply: read-only transaction
abort;
start transaction;
create table if not exists public.sixth (id int primary key);  -- finds: missing_rls
