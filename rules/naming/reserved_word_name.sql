with reserved as (
  select word from pg_get_keywords() where catcode in ('R', 'T')
),
relations as (
  select
    c.oid, c.relname,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
)
select
  'pg_class'::regclass as classid, r.oid as objid, 0 as objsubid,
  r.kind || ' ' || r.name as named, null::text[] as columns, null::text as table, r.relname || 's' as plural
from relations r
where r.relname in (select word from reserved)
union all
select
  'pg_class'::regclass, r.oid, max(a.attnum), null, array_agg(format('%I', a.attname) order by a.attnum), r.name, null
from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
where r.kind = 'table' and a.attname in (select word from reserved) and r.relname not in (select word from reserved)
group by r.oid, r.name
