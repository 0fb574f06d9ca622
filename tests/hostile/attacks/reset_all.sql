-- Tries to take our own settings away.
-- Must change nothing of what is found.
reset all;
create table if not exists public.first (id int primary key);  -- finds: missing_rls
commit;
discard all;
set session authorization default;
create table if not exists public.second (id int primary key);  -- finds: missing_rls
do $$ begin execute 'discard all'; end $$;  -- finds: does_not_apply
reset session authorization;
deallocate all;
close all;
unlisten *;
