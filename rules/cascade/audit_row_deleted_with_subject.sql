select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  case when child.nspname = 'public' then format('%I', c.relname) else format('%I.%I', child.nspname, c.relname) end
    as table,
  parent.name as parent,
  parent.name || ' (' || (
    select string_agg(format('%I', a.attname), ', ' order by k.position)
    from unnest(o.confkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum
  ) || ')' as referenced,
  'on delete cascade' as mark
from pg_constraint o
join pg_class c on c.oid = o.conrelid
join pg_namespace child on child.oid = c.relnamespace
cross join lateral (select case when child.nspname = 'public' then '' else child.nspname || '.' end || c.relname) i (own)
join pg_class r on r.oid = o.confrelid
join pg_namespace n on n.oid = r.relnamespace
cross join lateral (
  select
    case when n.nspname = 'public' then format('%I', r.relname) else format('%I.%I', n.nspname, r.relname) end,
    case when n.nspname = 'public' then '' else n.nspname || '.' end || r.relname
) parent (name, plain)
where o.contype = 'f' and o.confdeltype = 'c' and o.conparentid = 0
  and i.own ~* any (:audit_tables)
  -- Parts of the record itself, and what cascading_delete tells.
  and not parent.plain ~* any (:audit_tables)
  and not i.own ~* any (:protected_tables)
