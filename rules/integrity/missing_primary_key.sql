with keyless as (
  select
    c.oid,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and c.relpersistence = 'p'
    and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
    and not exists (select from pg_inherits h where h.inhrelid = c.oid)
    and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
)
select
  'pg_class'::regclass as classid,
  k.oid as objid,
  0 as objsubid,
  k.name as table,
  key.columns as key,
  case when key.columns is not null then format('alter table %s add primary key (%s);', k.name, key.columns) end
    as add_from_key,
  case
    when key.columns is null and not exists (select from pg_attribute a where a.attrelid = k.oid and a.attname = 'id')
    then format('alter table %s add column id bigint generated always as identity primary key;', k.name)
  end as add_identity
from keyless k
left join lateral (
  select string_agg(format('%I', a.attname), ', ' order by array_position(i.indkey::int2[], a.attnum)) as columns
  from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
  where i.indrelid = k.oid and i.indisunique and i.indpred is null and i.indexprs is null
  group by i.indexrelid
  having bool_and(a.attnotnull)
  order by count(*), i.indexrelid
  limit 1
) key on true
