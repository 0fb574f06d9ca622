select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  array(
    select a.attname::text from pg_attribute a
    where a.attrelid = o.conrelid and a.attnum = any (set_null.columns) and a.attnotnull order by a.attname
  ) as columns,
  case when p.nspname = 'public' then format('%I', r.relname) else format('%I.%I', p.nspname, r.relname) end as parent,
  -- With some columns left that may be null, those alone can be set.
  (
    select string_agg(format('%I', a.attname), ', ' order by a.attnum) from pg_attribute a
    where a.attrelid = o.conrelid and a.attnum = any (set_null.columns) and not a.attnotnull
  ) as optional,
  'on delete set null' as mark
from pg_constraint o
join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = o.confrelid
join pg_namespace p on p.oid = r.relnamespace
-- ON DELETE SET NULL (column) names some of them.
cross join lateral (select coalesce(nullif(o.confdelsetcols, '{}'), o.conkey) as columns) set_null
where o.contype = 'f' and o.confdeltype = 'n' and o.conparentid = 0
  and exists (
    select from pg_attribute a where a.attrelid = o.conrelid and a.attnum = any (set_null.columns) and a.attnotnull
  )
