select
  'pg_proc'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  format('%s%I(%s)', case when n.nspname <> 'public' then format('%I.', n.nspname) end, p.proname,
    pg_get_function_identity_arguments(p.oid)) as function,
  array_agg(distinct o.polname || ' on ' || case when cn.nspname = 'public' then '' else cn.nspname || '.' end || c.relname)
    as policies
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid and d.classid = 'pg_policy'::regclass
join pg_policy o on o.oid = d.objid
join pg_class c on c.oid = o.polrelid
join pg_namespace cn on cn.oid = c.relnamespace
where p.provolatile = 'v'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  -- Of a single row that is written, once is every time.
  and o.polcmd <> 'a'
  and not exists (
    select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
  )
  -- In a sub-select of its own it runs once. A policy for all commands has two expressions, that of reading comes first.
  and regexp_replace(
    pg_get_expr(o.polqual, o.polrelid),
    '\( ?SELECT "?[\w."]*' || regexp_replace(p.proname, '([^\w])', '\\\1', 'g') || '"?\([^().]*\) AS', '', 'g'
  ) ~ ('\m' || regexp_replace(p.proname, '([^\w])', '\\\1', 'g') || '"?\(')
group by p.oid, n.nspname, p.proname
