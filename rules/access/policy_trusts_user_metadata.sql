with texts as materialized (
  select p.oid, concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as text
  from pg_policy p
),
-- Functions that read it, without their comments.
readers as materialized (
  select f.oid, f.proname, case when body ~ 'raw_user_meta_data' then 'raw_user_meta_data' else 'user_metadata' end as reads
  from pg_proc f
  join pg_language l on l.oid = f.prolang and l.lanname in ('sql', 'plpgsql')
  join pg_namespace n on n.oid = f.pronamespace and n.nspname !~ '^(pg_|auth$|storage$|realtime$|information_schema$)'
  cross join lateral regexp_replace(f.prosrc, '--[^\n]*|/\*.*?\*/', '', 'g') as body
  where f.prosrc ~ 'user_meta_?data' and body ~ '->>?\s*''user_metadata''|raw_user_meta_data\s*->'
),
readings as (
  select t.oid, 'user_metadata' as metadata, null::name as function, 1 as rank
  from texts t where t.text ~ '-> ''user_metadata''::text|#>>? ''\{user_metadata,'
  union all
  select d.objid, 'raw_user_meta_data', null, 2
  from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjid = to_regclass('auth.users') and a.attname = 'raw_user_meta_data'
  union all
  select d.objid, f.reads, f.proname, 3
  from readers f join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = f.oid
  where d.classid = 'pg_policy'::regclass
)
select distinct on (p.oid)
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  r.metadata,
  r.function
from readings r
join pg_policy p on p.oid = r.oid
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where to_regclass('auth.users') is not null
order by p.oid, r.rank, r.function
