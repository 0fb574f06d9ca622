with relations as (
  select
    c.oid, c.relname, n.nspname, c.relname <> lower(c.relname) as mixed,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
),
columns as (
  select r.oid, r.nspname, a.attname, a.attnum, a.attname <> lower(a.attname) as mixed
  from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  where r.kind = 'table'
),
by_table as (
  select
    oid, nspname, max(attnum) filter (where mixed) as last,
    array_agg(format('%I', attname) order by attnum) filter (where mixed) as names,
    (array_agg(attname order by attnum) filter (where mixed))[1] as first,
    count(*) as number, count(*) filter (where mixed) as mixed
  from columns group by oid, nspname
),
-- How the other tables of the schema name their columns.
habits as (
  select
    *, sum(number) over (partition by nspname) - number as others,
    sum(mixed) over (partition by nspname) - mixed as mixed_others
  from by_table
),
others as (
  select
    *, count(*) over (partition by nspname) - 1 as others,
    count(*) filter (where mixed) over (partition by nspname) - mixed::int as mixed_others
  from relations
)
select
  'pg_class'::regclass as classid, o.oid as objid, 0 as objsubid,
  o.kind || ' ' || o.name as named, null::text[] as columns, null::text as table,
  lower(regexp_replace(o.relname, '([a-z0-9])([A-Z])', '\1_\2', 'g')) as lower
from others o
where o.mixed and o.mixed_others * 4 <= o.others
union all
select
  'pg_class'::regclass, h.oid, h.last, null, h.names, r.name,
  lower(regexp_replace(h.first, '([a-z0-9])([A-Z])', '\1_\2', 'g'))
from habits h join relations r on r.oid = h.oid
where h.last is not null and h.mixed_others * 4 <= h.others
  -- A table with capitals is one finding together with its columns.
  and not exists (select from others o where o.oid = h.oid and o.mixed and o.mixed_others * 4 <= o.others)
