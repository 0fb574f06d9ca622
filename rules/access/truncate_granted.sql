select
  'pg_namespace'::regclass as classid,
  n.oid as objid,
  0 as objsubid,
  format('%I', n.nspname) as schema,
  array_agg(distinct coalesce(r.rolname, 'PUBLIC')::text) as grantees,
  string_agg(distinct coalesce(quote_ident(r.rolname), 'public'), ', ') as roles,
  array_agg(distinct c.relname::text) as tables
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral aclexplode(c.relacl) x
left join pg_roles r on r.oid = x.grantee
where c.relkind in ('r', 'p')
  and c.relrowsecurity
  and x.privilege_type = 'TRUNCATE'
  and x.grantee <> c.relowner
  and not coalesce(r.rolsuper or r.rolbypassrls, false)
  and n.nspname !~ '^pg_'
  and not (:environment = 'supabase' and n.nspname in ('public', 'auth', 'storage', 'realtime', 'vault'))
group by n.oid, n.nspname
