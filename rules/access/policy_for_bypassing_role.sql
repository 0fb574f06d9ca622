select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  bypassing.roles,
  format('%I', p.polname) as name
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select case
    when asks.only_service_role then array['service_role'::name]
    when p.polroles <> array[0::oid] and not exists (
      select from pg_roles r where r.oid = any (p.polroles) and not r.rolbypassrls and not r.rolsuper
    ) then array(select r.rolname from pg_roles r where r.oid = any (p.polroles) order by 1)
  end as roles
  from (
    select :environment = 'supabase' and coalesce(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)) ~
      '^\((auth\.role\(\)|\( SELECT auth\.role\(\) AS \w+\)|\(auth\.jwt\(\) ->> ''role''::text\)|\( SELECT \(auth\.jwt\(\) ->> ''role''::text\)\)|\(\( SELECT auth\.jwt\(\) AS \w+\) ->> ''role''::text\)) = ''service_role''::text\)$'
      as only_service_role
  ) as asks
) as bypassing
where p.polpermissive
  and cardinality(bypassing.roles) > 0
