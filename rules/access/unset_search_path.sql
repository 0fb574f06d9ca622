select
  'pg_proc'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  format('%s%I(%s)', case when n.nspname <> 'public' then format('%I.', n.nspname) end, p.proname,
    pg_get_function_identity_arguments(p.oid)) as function
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where not p.prosecdef
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and l.lanname not in ('internal', 'c')
  and p.prosqlbody is null
  and not exists (select from unnest(p.proconfig) as setting where setting like 'search_path=%')
  and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  )
