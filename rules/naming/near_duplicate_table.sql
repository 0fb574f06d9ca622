with tables as (
  select
    c.oid, n.nspname,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name,
    regexp_replace(replace(lower(c.relname), '_', ''), '(ies|y|s)$', '') as stem
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
)
-- The one that was made later.
select distinct on (t.oid)
  'pg_class'::regclass as classid, t.oid as objid, 0 as objsubid, t.name as table, o.name as other
from tables t join tables o on o.nspname = t.nspname and o.stem = t.stem and o.oid < t.oid
where length(t.stem) > 2
order by t.oid, o.oid
