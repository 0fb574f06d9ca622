with names as (
  select
    c.oid,
    case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end as plain,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
)
select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  child.name as table,
  parent.name as parent,
  parent.name || ' (' || (
    select string_agg(format('%I', a.attname), ', ' order by k.position)
    from unnest(o.confkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum
  ) || ')' as referenced,
  'on delete cascade' as mark
from pg_constraint o
join names child on child.oid = o.conrelid
join names parent on parent.oid = o.confrelid
where o.contype = 'f' and o.confdeltype = 'c' and o.conparentid = 0
  and child.plain ~* any (:audit_tables)
  -- Parts of the record itself, and what cascading_delete tells.
  and not parent.plain ~* any (:audit_tables)
  and not child.plain ~* any (:protected_tables)
