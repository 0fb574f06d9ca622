with types as not materialized (
  -- A domain counts as what it is made of, when that is one step down.
  select t.oid, case when t.typtype = 'd' then t.typbasetype else t.oid end as base from pg_type t
)
select distinct on (o.oid)
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  format('%s%I.%I', case when n.nspname <> 'public' then format('%I.', n.nspname) end, c.relname, a.attname) as column,
  format_type(at.base, null) as type,
  format('%s%I.%I', case when fn.nspname <> 'public' then format('%I.', fn.nspname) end, f.relname, fa.attname)
    as referenced,
  format_type(ft.base, null) as referenced_type
from pg_constraint o
join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = o.confrelid
join pg_namespace fn on fn.oid = f.relnamespace
cross join lateral unnest(o.conkey, o.confkey) with ordinality as k (own, other, position)
join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.own
join pg_attribute fa on fa.attrelid = o.confrelid and fa.attnum = k.other
join types at on at.oid = a.atttypid
join types ft on ft.oid = fa.atttypid
where o.contype = 'f'
  and o.conparentid = 0
  and a.atttypid <> fa.atttypid
  and at.base <> ft.base
  and not (at.base = any ('{text,varchar,bpchar,name}'::regtype[]) and ft.base = any ('{text,varchar,bpchar,name}'::regtype[]))
  and not (ft.base = 'int2'::regtype and at.base in ('int4'::regtype, 'int8'::regtype))
  and not (ft.base = 'int4'::regtype and at.base = 'int8'::regtype)
order by o.oid, k.position
