select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relrowsecurity
  and n.nspname = any (:exposed_schemas)
  and not c.relispartition
  and not exists (select from pg_policy p where p.polrelid = c.oid)
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
