-- Tries to run a program on the machine through COPY.
-- Must be refused.
create table if not exists public.loot (line text);
alter table public.loot enable row level security;
copy public.loot from program 'cat @folder@/secret.txt';  -- finds: does_not_apply: permission denied to COPY
copy (select 1) to program 'cat > @folder@/written';  -- finds: does_not_apply: permission denied to COPY
do $$ begin execute 'copy public.loot from program ''id'''; end $$;  -- finds: does_not_apply: permission denied to COPY
