-- Tries to read a file, or to be a bomb, as an entity of XML.
-- Must not be read.
create table if not exists public.loot (line xml);
alter table public.loot enable row level security;
insert into public.loot select '<!DOCTYPE a [<!ENTITY e SYSTEM "file://@folder@/secret.txt">]><a>&e;</a>'::xml;  -- may find: does_not_apply
select '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'::xml;  -- may find: does_not_apply
