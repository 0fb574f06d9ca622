-- Tables that people read through one policy alone: beside another one, an index on the column of the first is no help.
with readers as materialized (
  select min(p.oid) as oid, p.polrelid, min(pg_get_expr(p.polqual, p.polrelid)) as text
  from pg_policy p
  where p.polpermissive
    and p.polcmd in ('r', '*')
    and (0 = any (p.polroles) or exists (select from pg_roles r where r.oid = any (p.polroles) and not r.rolbypassrls))
  group by p.polrelid
  having count(*) = 1
)
select
  'pg_class'::regclass as classid,
  c.oid as objid,
  a.attnum::integer as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  format('%I', a.attname) as column,
  p.polname as policy
from readers r
join pg_policy p on p.oid = r.oid
join pg_class c on c.oid = r.polrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
  and d.refobjid = c.oid and d.refobjsubid > 0
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
cross join lateral (
  select regexp_replace(format('%I', a.attname), '([^\w])', '\\\1', 'g') as name,
    '(auth\.uid\(\)|\( SELECT auth\.uid\(\) AS \w+\))' as uid
) as re
-- At the front or behind AND, with no OR anywhere: then every row of the answer has it.
where r.text !~ ' OR |SELECT 1'
  and r.text ~ format('^\(*(.* AND \()?(%s = %s|%s = %s)\)', re.name, re.uid, re.uid, re.name)
  and c.relkind in ('r', 'p')
  and n.nspname not in ('auth', 'storage', 'realtime')
  and not exists (
    select from pg_index i where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indisvalid
  )
  -- A foreign key without an index is told as such.
  and not exists (
    select from pg_constraint f where f.contype = 'f' and f.conrelid = c.oid and f.conkey = array[a.attnum]
  )
