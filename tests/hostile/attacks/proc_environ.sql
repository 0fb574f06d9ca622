-- Tries to read the environment of other processes, where a job keeps its tokens.
-- Must be refused.
create table if not exists public.loot (line text);
alter table public.loot enable row level security;
insert into public.loot select pg_read_file('/proc/@pid@/environ');  -- finds: does_not_apply: permission denied
copy public.loot from '/proc/@pid@/environ';  -- finds: does_not_apply: permission denied
copy public.loot from '/proc/self/environ';  -- finds: does_not_apply: permission denied
select lo_import('/proc/@pid@/environ');  -- finds: does_not_apply: permission denied
