select
  coalesce(o.classid, 'pg_class'::regclass) as classid,
  coalesce(o.oid, i.indexrelid) as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', x.relname) else format('%I.%I', n.nspname, x.relname) end as index,
  keys.nullable,
  keys.columns
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
left join lateral (
  select 'pg_constraint'::regclass as classid, k.oid from pg_constraint k where k.conindid = i.indexrelid and k.contype = 'u'
) o on true
cross join lateral (
  select
    array_agg(a.attname::text order by k.position) as columns,
    array_agg(a.attname::text order by k.position) filter (where not a.attnotnull) as nullable
  from unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where k.position <= i.indnkeyatts
) keys
where i.indisunique
  and not i.indisprimary
  and not i.indnullsnotdistinct
  and i.indpred is null
  and i.indexprs is null
  and i.indnkeyatts > 1
  and cardinality(keys.nullable) between 1 and i.indnkeyatts - 1
  and not keys.nullable && array(
    select a.attname::text from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
    where f.conrelid = i.indrelid and f.contype = 'f'
  )
  and not exists (select from unnest(keys.nullable) as name where name ~* '(user_id|email|phone|deleted|archived|external)')
  and c.relpersistence <> 't'
  and not c.relispartition
  and not exists (
    select from pg_index p
    where p.indrelid = i.indrelid and p.indisunique and pg_get_expr(p.indpred, p.indrelid) ~* ' is null'
  )
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
