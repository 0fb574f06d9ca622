select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  (
    select string_agg(format('%I', a.attname), ', ' order by k.position)
    from unnest(o.conkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum
  ) as columns,
  array(
    select a.attname::text from unnest(o.conkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum
    order by k.position
  ) as column_names,
  case
    when fn.nspname = 'public' then format('%I', f.relname) else format('%I.%I', fn.nspname, f.relname)
  end as referenced
from pg_constraint o
join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = o.confrelid
join pg_namespace fn on fn.oid = f.relnamespace
where o.contype = 'f'
  and o.conparentid = 0
  and c.relpersistence = 'p'
  and not exists (
    select from pg_index i
    where i.indrelid = o.conrelid
      and i.indisvalid
      and (i.indkey::int2[])[0 : cardinality(o.conkey) - 1] @> o.conkey
      -- An index of the rows that refer to something is as good as one of all.
      and (
        i.indpred is null
        or pg_get_expr(i.indpred, i.indrelid) = any (
          select format('(%I IS NOT NULL)', a.attname) from pg_attribute a
          where a.attrelid = o.conrelid and a.attnum = any (o.conkey)
        )
      )
  )
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
