-- What an application can ask for: one row of JSON.
with namespaces as (
  select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relations as (
  select c.oid, n.nspname, c.relname, c.relkind, c.reltype,
         exists (
           select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgtype & 71 in (7, 69, 71)
         ) as fills_rows
  from pg_class c join namespaces n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
),
columns as (
  select a.attrelid,
         json_agg(json_build_array(
           a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull or t.typnotnull,
           a.atthasdef or a.attidentity <> '' or t.typdefault is not null, a.attidentity = 'a' or a.attgenerated <> '',
           coalesce(e.oid, x.oid)::bigint,
           (select json_agg(pg_get_constraintdef(o.oid)) from pg_constraint o
            where o.contype = 'c' and o.conrelid = a.attrelid and o.conkey = array[a.attnum])
         ) order by a.attnum) as found
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  left join pg_type e on e.oid = a.atttypid and e.typtype = 'e'
  left join pg_type x on x.oid = t.typelem and t.typcategory = 'A' and x.typtype = 'e'
  where a.attnum > 0 and not a.attisdropped and a.attrelid in (select oid from relations)
  group by a.attrelid
)
select json_build_object(
  'schemas', (select json_agg(nspname) from namespaces),
  'tables', (
    select json_agg(json_build_array(r.oid::bigint, r.nspname, r.relname, r.relkind, r.fills_rows, c.found))
    from relations r left join columns c on c.attrelid = r.oid
  ),
  'keys', (
    select json_agg(json_build_array(
      o.conname, o.conrelid::bigint, o.confrelid::bigint, o.contype,
      array(select a.attname from unnest(o.conkey) with ordinality as k (n, i)
            join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.n order by k.i),
      array(select a.attname from unnest(o.confkey) with ordinality as k (n, i)
            join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.n order by k.i)
    ))
    from pg_constraint o where o.contype in ('f', 'p', 'u') and o.conrelid in (select oid from relations)
  ),
  'functions', (
    select json_agg(json_build_array(
      p.oid::bigint, n.nspname, p.proname, coalesce(p.proargnames, '{}'), coalesce(p.proargmodes::text[], '{}'),
      array(select format_type(a, null) from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as u (a, i) order by i),
      p.pronargdefaults, p.provariadic <> 0, format_type(p.prorettype, null),
      (select r.oid::bigint from relations r where r.reltype = p.proargtypes[0] and p.pronargs = 1),
      (select r.oid::bigint from relations r where r.reltype = p.prorettype)
    ))
    from pg_proc p join namespaces n on n.oid = p.pronamespace where p.prokind in ('f', 'w')
  ),
  'enums', (
    select json_agg(json_build_array(
      t.oid::bigint, n.nspname, t.typname, array(select e.enumlabel from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder)
    ))
    from pg_type t join namespaces n on n.oid = t.typnamespace where t.typtype = 'e'
  )
)::text
