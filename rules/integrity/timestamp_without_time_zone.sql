-- One row for a table, at its first such column: a table that has one already has made its choice.
select
  'pg_class'::regclass as classid,
  c.oid as objid,
  min(a.attnum) as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  array_agg(a.attname::text order by a.attnum) as columns
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where a.atttypid = 'timestamp'::regtype
  and a.attnum > 0
  and not a.attisdropped
  and c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and not c.relispartition
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
group by c.oid, n.nspname, c.relname
