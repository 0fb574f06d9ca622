select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  array(select p.polname from pg_policy p where p.polrelid = c.oid order by p.polname) as policies,
  'alter table ' || case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end
    || ' enable row level security;' as append
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where not c.relrowsecurity
  and exists (select from pg_policy p where p.polrelid = c.oid)
