select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  format('%I', o.conname) as constraint,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table
from pg_constraint o
join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
where not o.convalidated
  and o.contype in ('c', 'f', 'n')
  and o.conparentid = 0
  -- That of a partition is its parent's.
  and o.conislocal
  -- NOT ENFORCED, of PostgreSQL 18, is another decision.
  and coalesce((to_jsonb(o) ->> 'conenforced')::boolean, true)
