-- Tries to shut its database, so that nobody gets in to look at what it did.
-- Must be looked at all the same.
create table if not exists public.open (id int primary key);  -- finds: missing_rls
revoke all on database postgres from public, postgres;
alter database postgres allow_connections false;  -- may find: does_not_apply
alter database postgres connection limit 0;
alter database postgres owner to anon;
