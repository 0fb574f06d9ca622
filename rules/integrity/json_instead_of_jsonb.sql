select
  'pg_class'::regclass as classid,
  c.oid as objid,
  a.attnum as objsubid,
  format('%I', a.attname) as column,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where a.atttypid = 'json'::regtype
  and a.attnum > 0
  and not a.attisdropped
  and c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and not c.relispartition
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
