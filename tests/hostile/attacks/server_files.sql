-- Tries to read and write files of the machine with what PostgreSQL has for that.
-- Must be refused.
create table if not exists public.loot (line text);
alter table public.loot enable row level security;
copy public.loot from '@folder@/secret.txt';  -- finds: does_not_apply: permission denied to COPY from a file
copy (select 1) to '@folder@/written';  -- finds: does_not_apply: permission denied to COPY to a file
insert into public.loot select pg_read_file('@folder@/secret.txt');  -- finds: does_not_apply: permission denied
insert into public.loot select encode(pg_read_binary_file('@folder@/secret.txt'), 'escape');  -- finds: does_not_apply: permission denied
insert into public.loot select pg_ls_dir('@folder@');  -- finds: does_not_apply: permission denied
select pg_stat_file('@folder@/secret.txt');  -- finds: does_not_apply: permission denied
select pg_catalog.pg_file_write('@folder@/written', 'x', false);  -- finds: never_created: does not exist
select query_to_xml('select pg_read_file(''@folder@/secret.txt'')', true, true, '');  -- finds: does_not_apply: permission denied
create function public.reader(text) returns text language internal as 'pg_read_file_all';  -- finds: does_not_apply: permission denied for language internal
